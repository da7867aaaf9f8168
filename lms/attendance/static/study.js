// The quiet clock of a lesson: tells the server that the page is looked at, shows what the server makes of it.
// It sends no time. How long counts is decided on the server, from its own clock.
"use strict";

(() => {
  const clock = document.querySelector("[data-study]");
  const dialog = document.querySelector("[data-study-prompt]");
  if (!clock || !dialog || clock.dataset.counting !== "yes") return;
  const text = clock.querySelector("[data-study-text]");
  const part = (name) => dialog.querySelector(`[data-prompt-${name}]`);
  const IDLE_AFTER = 3 * 60 * 1000;
  const RETRY = 10;
  const posted = Number(clock.dataset.posted);
  const nominal = Number(clock.dataset.nominal);

  // the server's figure of the present sitting; what of it the last answer proved, what a missed prompt took
  let run = 0;
  let proved = 0;
  let lost = 0;
  let unproven = false;
  let earlier = 0;
  let nextAt = 0;
  let lastActivity = Date.now();
  let offline = false;
  let stopped = "";
  let sending = false;
  let prompt = null;
  let missed = false;

  const minutes = (seconds) => Math.floor(seconds / 60);

  const credited = () => earlier + (unproven ? proved : run) - lost;

  // A smaller figure means that a new sitting has begun after a break.
  function take(seconds) {
    if (seconds < run) {
      earlier = credited();
      proved = lost = 0;
      unproven = false;
    }
    run = seconds;
  }

  function prove() {
    if (unproven) lost += run - proved;
    unproven = false;
    proved = run;
  }

  // why no beat may be sent; a broken line is tried again
  function holdReason() {
    if (stopped) return stopped;
    if (document.hidden) return "页面不在前台，已暂停";
    if (missed) return "没有及时确认，已暂停";
    if (Date.now() - lastActivity > IDLE_AFTER) return "长时间没有操作，已暂停";
    return "";
  }

  function show() {
    const reason = holdReason() || (offline ? "网络中断，已暂停" : "");
    let words = `本次已计 ${minutes(credited())} 分钟`;
    if (reason) words += ` · ${reason}`;
    else if (posted + credited() >= nominal) words += ` · 本课 ${minutes(nominal)} 分钟已计满`;
    else if (posted) words += `（本课此前已记 ${minutes(posted)} 分钟）`;
    clock.classList.toggle("is-paused", Boolean(reason));
    // the words are read aloud when they change: only then are they touched
    if (text.textContent !== words) text.textContent = words;
  }

  async function beat({ last = false } = {}) {
    if (sending) return;
    sending = true;
    nextAt = Date.now() + 20000;
    try {
      const answer = await window.lms.post(clock.dataset.beats, { lesson: clock.dataset.lesson }, { keepalive: last });
      offline = false;
      take(answer.credited_seconds);
      if (!answer.counting) stopped = answer.message;
      nextAt = Date.now() + (answer.next_in || 20) * 1000;
      if (answer.prompt) ask(answer.prompt);
    } catch (error) {
      nextAt = Date.now() + RETRY * 1000;
      if (error.status === 401 || error.status === 400) stopped = "登录已失效，请刷新页面重新登录";
      else if (error.status === 403) stopped = error.message;
      else offline = true;
    } finally {
      sending = false;
      show();
    }
  }

  function ask({ id, seconds_left: left }) {
    if (prompt && prompt.id === id) return;
    prompt = { id, until: Date.now() + left * 1000 };
    part("title").textContent = "您还在学习吗？";
    part("text").hidden = false;
    part("button").textContent = "我在学习";
    if (!dialog.open) dialog.showModal();
    navigator.vibrate?.(200);
  }

  // Without an answer the time since the last proof does not count: stop, say so, and begin anew on a tap.
  function miss() {
    prompt = null;
    missed = true;
    unproven = true;
    part("title").textContent = "计时已暂停";
    part("text").hidden = true;
    part("button").textContent = "继续学习";
    show();
  }

  part("button").addEventListener("click", async () => {
    lastActivity = Date.now();
    if (missed) {
      missed = false;
      dialog.close();
      beat();
      return;
    }
    if (!prompt) return;
    const { id } = prompt;
    try {
      const answer = await window.lms.post(clock.dataset.prompts.replace(/\/0$/, `/${id}`), {});
      prompt = null;
      if (answer.in_time) prove();
      else unproven = true;
      dialog.close();
      beat();
    } catch (error) {
      if (error.status) {
        prompt = null;
        dialog.close();
      } else {
        offline = true;
        show();
      }
    }
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());

  function tick() {
    if (prompt) {
      const left = Math.ceil((prompt.until - Date.now()) / 1000);
      part("left").textContent = String(Math.max(0, left));
      if (left <= 0) miss();
    } else if (Date.now() >= nextAt && !holdReason()) {
      beat();
    }
    show();
  }

  for (const kind of ["scroll", "touchstart", "touchmove", "keydown", "pointerdown", "pointermove", "wheel"]) {
    window.addEventListener(kind, () => { lastActivity = Date.now(); }, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      if (!prompt && !missed && !stopped) beat({ last: true });
    } else {
      lastActivity = Date.now();
      nextAt = 0;
    }
    show();
  });
  window.addEventListener("online", () => { nextAt = 0; });
  window.addEventListener("offline", () => { offline = true; show(); });

  show();
  setInterval(tick, 1000);
  beat();
})();
