// Practice: the answer goes out, its explanation comes back with the next question ready, and only the screen is exchanged.
// Whatever goes wrong, the plain pages behind it do the same.
"use strict";

(() => {
  const root = document.querySelector("[data-practice]");
  if (!root) return;
  const here = root.dataset.practice;
  let next = null;
  let sending = false;

  const show = (html, address) => {
    root.innerHTML = html; // our own server's rendered piece
    window.history.replaceState(null, "", address);
    window.scrollTo(0, 0);
    root.querySelector("[data-focus]")?.focus({ preventScroll: true });
  };

  const warn = (words) => {
    const trouble = root.querySelector("[data-trouble]");
    trouble.textContent = `! ${words}`;
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "center" });
  };

  const busy = (on) => {
    sending = on;
    for (const button of root.querySelectorAll("button[form=practice-form]")) button.classList.toggle("is-busy", on);
  };

  const send = async (form, giveUp) => {
    const position = Number(form.elements.position.value);
    const answer = window.lmsAnswers.read(form);
    busy(true);
    try {
      const sent = { run: Number(form.elements.run.value), position, answer, give_up: giveUp };
      const explained = await window.lms.post(form.action, sent);
      if (!explained.screen) throw Object.assign(new Error("led elsewhere"), { status: 401 });
      next = explained.next;
      show(explained.screen, `${here}?q=${position}`);
    } catch (error) {
      if (error.status === 422) warn(error.message);
      else if ([400, 401, 404, 409].includes(error.status)) window.location.assign(here);
      else warn("网络中断，答案还没有提交。恢复网络后请再点一次“提交答案”。");
    } finally {
      busy(false);
    }
  };

  root.addEventListener("submit", (event) => {
    if (event.target.id !== "practice-form") return;
    event.preventDefault();
    if (!sending) send(event.target, event.submitter?.name === "give_up");
  });

  root.addEventListener("click", (event) => {
    if (!event.target.closest("[data-next]") || !next) return;
    event.preventDefault();
    show(next, here);
    next = null;
  });
})();
