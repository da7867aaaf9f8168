// What every page shares: forms that are sent once, questions before dangerous acts, going back, text size.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if ("once" in form.dataset && !event.defaultPrevented) {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.setAttribute("aria-disabled", "true");
      button.classList.add("is-busy");
    }
  }
});

// A page brought back from the browser's memory must be usable again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".is-busy")) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("is-busy");
    }
  }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-go-back],[data-href],[data-print],button[data-text-size],[data-check-all]");
  if (!target) return;
  if (target.dataset.checkAll) {
    const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${target.dataset.checkAll}"]`)];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  }
  if ("goBack" in target.dataset) window.history.back();
  if ("print" in target.dataset) window.print();
  if ("textSize" in target.dataset) setTextSize(target.dataset.textSize);
  if (target.dataset.href && !event.target.closest("a,button,input,label,select")) window.location = target.dataset.href;
});

function setTextSize(size) {
  document.documentElement.dataset.textSize = size;
  try {
    window.localStorage.setItem("lms-text-size", size);
  } catch {
    // private browsing: the size holds for this page only
  }
  for (const button of document.querySelectorAll("button[data-text-size]")) {
    button.setAttribute("aria-pressed", String(button.dataset.textSize === size));
  }
}

try {
  setTextSize(window.localStorage.getItem("lms-text-size") || "medium");
} catch {
  setTextSize("medium");
}

// Requests of our scripts: JSON both ways, CSRF token, a clear answer when the sign-in has run out.
window.lms = {
  token: () => document.querySelector('meta[name="csrf-token"]')?.content ?? "",
  async post(url, body, options = {}) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": window.lms.token() },
      body: JSON.stringify(body),
      credentials: "same-origin",
      ...options,
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error(answer.message || "网络或系统出错，请重试"), { status: response.status, answer });
    return answer;
  },
};
