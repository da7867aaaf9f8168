// Reads and fills the fields of a question: places chosen, a text, or of a case a list with one of these for each part.
"use strict";

(() => {
  const fieldsOf = (box) => [...box.querySelectorAll("input:not([type=hidden])")];
  const partsOf = (form) => [...form.querySelectorAll("[data-part]")];

  const readOne = (box) => {
    const fields = fieldsOf(box);
    if (fields.length && fields[0].type === "text") return fields[0].value.trim() || null;
    const chosen = fields.filter((field) => field.checked).map((field) => Number(field.value));
    return chosen.length ? chosen : null;
  };
  const fillOne = (box, answer) => {
    for (const field of fieldsOf(box)) {
      if (field.type === "text") field.value = answer ?? "";
      else field.checked = Array.isArray(answer) && answer.includes(Number(field.value));
    }
  };

  // null when nothing is answered
  const read = (form) => {
    const parts = partsOf(form);
    if (!parts.length) return readOne(form);
    const answers = parts.map(readOne);
    return answers.some((answer) => answer !== null) ? answers : null;
  };

  // only: of a case, the parts to fill; the others stay as they are
  const fill = (form, answer, only) => {
    const parts = partsOf(form);
    if (!parts.length) fillOne(form, answer);
    parts.forEach((part, number) => { if (!only || only.includes(number)) fillOne(part, answer?.[number] ?? null); });
  };

  const progress = (form) => {
    const answer = read(form);
    if (answer === null) return "blank";
    return partsOf(form).length && answer.includes(null) ? "partly" : "answered";
  };

  // the part of a case that a field belongs to, null in any other question
  const partOf = (field) => {
    const part = field.closest("[data-part]");
    return part ? Number(part.dataset.part) : null;
  };

  const disable = (form) => { for (const field of fieldsOf(form)) field.disabled = true; };

  window.lmsAnswers = { read, fill, progress, partOf, disable };
})();
