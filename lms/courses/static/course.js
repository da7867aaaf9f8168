// The course page: totals while typing, and moving rows up and down. The order numbers are what is sent.
"use strict";

(() => {
  const form = document.querySelector("[data-course-form]");
  if (!form) return;
  const body = form.querySelector("[data-rows]");
  const rows = () => [...body.querySelectorAll("[data-row]")];
  const minutesOf = (row) => {
    const text = row.querySelector("[name=minutes]").value.trim();
    return /^\d{1,5}$/.test(text) ? Number(text) : 0;
  };
  const hours = (minutes) => (Math.floor((minutes * 10) / 45) / 10).toFixed(1);
  const clock = (minutes) => {
    const left = minutes % 60;
    const whole = Math.floor(minutes / 60);
    if (!whole) return `${left} 分`;
    return left ? `${whole} 小时 ${left} 分` : `${whole} 小时`;
  };

  const count = () => {
    let total = 0;
    let chosen = 0;
    for (const row of rows()) {
      const minutes = minutesOf(row);
      total += minutes;
      chosen += minutes > 0 ? 1 : 0;
      row.querySelector("[data-hours]").textContent = hours(minutes);
      row.classList.toggle("is-off", minutes === 0);
    }
    form.querySelector("[data-total-items]").textContent = String(chosen);
    form.querySelector("[data-total]").textContent = `${hours(total)} 学时 / ${clock(total)}`;
  };

  const number = () => {
    rows().forEach((row, at) => { row.querySelector("[name=order]").value = String(at + 1); });
  };

  for (const button of form.querySelectorAll("[data-move]")) button.hidden = false;
  form.addEventListener("input", count);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest("[data-row]");
    const other = button.dataset.move === "-1" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (button.dataset.move === "-1") other.before(row);
    else other.after(row);
    number();
    button.focus();
  });
  count();
})();
