// Roll call: one tap marks everybody present, a tap on a row turns its mark, the last taps can be taken back.
"use strict";

(() => {
  const form = document.querySelector("[data-roll]");
  if (!form) return;
  const ORDER = ["present", "late", "early", "leave", "absent"];
  const rows = [...form.querySelectorAll("[data-row]")];
  const undo = form.querySelector("[data-undo]");
  const count = form.querySelector("[data-count]");
  const history = [];
  let dirty = false;

  const select = (row) => row.querySelector("select");
  const minutes = (row) => row.querySelector("[data-minutes] input");
  const title = (row) => select(row).selectedOptions[0].textContent;
  const timed = (mark) => mark === "late" || mark === "early";

  function paint(row) {
    const mark = select(row).value;
    row.dataset.mark = mark;
    const button = row.querySelector("[data-cycle]");
    button.textContent = title(row);
    button.setAttribute("aria-label", `${row.querySelector(".roll-name").textContent}：${title(row)}，点一下更换`);
    row.querySelector("[data-minutes]").hidden = !timed(mark);
  }

  function tally() {
    const words = [...select(rows[0]).options].map((option) => [option.value, option.textContent]);
    const parts = words.map(([value, word]) => [word, rows.filter((row) => select(row).value === value).length, value]);
    count.textContent = parts.filter(([, number, value]) => number || value === "present").map(([word, number]) => `${word} ${number}`).join(" · ");
  }

  function set(row, mark) {
    select(row).value = mark;
    if (mark === "late" && !minutes(row).value) minutes(row).value = Number(row.dataset.late) || 10;
    if (mark === "early" && !minutes(row).value) minutes(row).value = 10;
    paint(row);
  }

  const snapshot = (some) => some.map((row) => [row, select(row).value, minutes(row).value]);

  function change(some, next) {
    history.push(snapshot(some));
    for (const row of some) set(row, next(row));
    dirty = true;
    undo.disabled = false;
    tally();
  }

  const following = (row) => ORDER[(ORDER.indexOf(select(row).value) + 1) % ORDER.length];

  for (const row of rows) {
    select(row).hidden = true;
    row.querySelector("[data-cycle]").hidden = false;
    paint(row);
  }
  tally();
  const tools = form.querySelector("[data-tools]");
  if (!tools) return;
  tools.hidden = false;

  form.querySelector("[data-all-present]").addEventListener("click", () => change(rows, () => "present"));
  undo.addEventListener("click", () => {
    for (const [row, mark, number] of history.pop() ?? []) {
      select(row).value = mark;
      minutes(row).value = number;
      paint(row);
    }
    undo.disabled = history.length === 0;
    tally();
  });
  form.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("[data-minutes]")) return;
    change([row], following);
  });
  form.addEventListener("input", () => {
    dirty = true;
  });
  form.addEventListener("submit", () => {
    dirty = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
})();
