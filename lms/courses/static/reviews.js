// The page of a changed article: tick all, and say how many are ticked. Without it the boxes and the form still work.
"use strict";

(() => {
  const form = document.querySelector("[data-pick]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=review]")];
  const all = form.querySelector("[data-pick-all]");
  const ticked = () => boxes.filter((box) => box.checked).length;

  const count = () => {
    const number = ticked();
    form.querySelector("[data-picked]").textContent = String(number);
    form.querySelector("[data-pick-count]").textContent = number ? ` ${number} 项` : "";
    all.textContent = number === boxes.length ? "全不选" : "全选";
  };

  all.addEventListener("click", () => {
    const on = ticked() < boxes.length;
    for (const box of boxes) box.checked = on;
    count();
  });
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count); // coming back, a browser may bring the ticks along
  form.querySelector("[data-pick-tools]").hidden = false;
  count();
})();
