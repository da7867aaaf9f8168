// Ticks of a lesson's checklists are the reader's own business: they stay on this phone, by lesson and item.
"use strict";

(() => {
  const lesson = document.querySelector("[data-lesson]")?.dataset.lesson;
  const boxes = document.querySelectorAll(".lesson-text input.task-box");
  if (!lesson || !boxes.length) return;
  const key = `lms-checklist:${lesson}`;
  let ticks = {};
  try {
    ticks = JSON.parse(window.localStorage.getItem(key) || "{}") || {};
  } catch {
    ticks = {}; // private browsing, or a value that is not ours
  }
  for (const box of boxes) {
    if (box.id in ticks) box.checked = Boolean(ticks[box.id]);
    box.addEventListener("change", () => {
      ticks[box.id] = box.checked;
      try {
        window.localStorage.setItem(key, JSON.stringify(ticks));
      } catch {
        // full or forbidden: the tick holds for this page only
      }
    });
  }
})();
