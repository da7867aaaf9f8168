// The question screen: all questions are here, answers go out one by one and wait on the phone while there is no connection.
// The server's deadline counts; this clock only shows it.
"use strict";

(() => {
  const root = document.querySelector("[data-attempt]");
  if (!root) return;
  const attempt = root.dataset.attempt;
  const total = Number(root.dataset.total);
  const forms = new Map([...root.querySelectorAll("[data-question]")].map((form) => [Number(form.dataset.question), form]));
  const one = (selector) => document.querySelector(selector);
  const place = one("[data-place]");
  const mark = one("[data-saved]");
  const clock = one("[data-clock]");
  const announcer = one("[data-announce]");
  const trouble = one("[data-trouble]");
  const sheet = document.getElementById("sheet");
  const handIn = document.getElementById("hand-in");
  const FIRST_PAUSE = 2000;
  const LONGEST_PAUSE = 15000;
  const TIMEOUT = 12000;

  const box = window.lmsOutbox.load(attempt);
  let sequence = Number(root.dataset.sequence);
  let position = Number(root.dataset.position);
  let sending = false;
  let offline = false;
  let expired = ""; // what ran out, the sign-in or the page, and the way on: until then nothing goes out
  let ended = false;
  let kept = true;
  let pause = FIRST_PAUSE;
  let retry = 0;

  const store = () => { kept = window.lmsOutbox.store(attempt, box); };
  const unsent = () => Object.keys(box.answers).length;
  const say = (words) => { announcer.textContent = words; };

  // ---- answers

  const { read, fill, progress, partOf, disable } = window.lmsAnswers;
  const where = (state) => [...forms].filter(([, form]) => progress(form) === state).map(([number]) => number);
  const blanks = () => where("blank");
  const unfinished = () => where("partly");

  // part: of a case, the question that was answered; those not touched here stay as the server has them.
  const keep = (number, part) => {
    sequence += 1;
    const touched = part === null ? undefined : [...new Set([...(box.answers[number]?.touched ?? []), part])];
    box.answers[number] = { answer: read(forms.get(number)), sequence, touched };
    store();
    drawCell(number);
    drawMark();
    send();
  };

  // What waits on this phone is shown when it is newer than what the server has; else the server's answer holds, and of a
  // case only what the server has no answer to is sent.
  const missing = (form, waiting) => {
    const kept = read(form);
    return (waiting.touched ?? []).filter((part) => waiting.answer?.[part] && !kept?.[part]);
  };
  const behind = [];
  for (const [key, waiting] of Object.entries(box.answers)) {
    const form = forms.get(Number(key));
    if (form && waiting.sequence > Number(form.dataset.sequence)) {
      fill(form, waiting.answer, waiting.touched);
      sequence = Math.max(sequence, waiting.sequence);
    } else {
      delete box.answers[key];
      const parts = form ? missing(form, waiting) : [];
      if (parts.length) behind.push([key, form, waiting.answer, parts]);
    }
  }
  for (const [key, form, answer, touched] of behind) {
    fill(form, answer, touched);
    sequence += 1;
    box.answers[key] = { answer: read(form), sequence, touched };
  }
  store();

  // ---- sending

  const post = (url, body) => {
    const stop = new AbortController();
    const timer = window.setTimeout(() => stop.abort(), TIMEOUT);
    return window.lms.post(url, body, { signal: stop.signal }).finally(() => window.clearTimeout(timer));
  };

  const refused = (number, waiting, error) => {
    if (error.status === 409 || error.status === 404) {
      end(error.message);
    } else if (error.status === 422) {
      if (box.answers[number]?.sequence === waiting.sequence) delete box.answers[number];
      warn(error.message, { settledBy: sequence });
    } else if (error.status === 401 || error.status === 400) {
      const link = error.status === 401 ? "重新登录" : "重新打开";
      expired = `${error.status === 401 ? "登录已失效" : "页面已过期"}，请${link}`;
      warn(`${expired}，${kept ? "答案已存在手机上，之后自动上传。" : "没能存在手机上的答案要重新作答。"}`, { link });
      return false;
    } else {
      offline = true;
      return false;
    }
    return true;
  };

  const sendOne = async (number) => {
    const waiting = box.answers[number];
    const answer = await post(root.dataset.save, { position: number, ...waiting });
    if (typeof answer.saved !== "boolean") throw Object.assign(new Error("not our answer"), { status: 401 }); // led elsewhere
    setLeft(answer.deadline_in);
    if (box.answers[number]?.sequence !== waiting.sequence) return;
    if (answer.saved) {
      delete box.answers[number];
      calm(waiting.sequence);
    } else {
      // Another phone was here: what was pressed on this one is newer, so it is sent again under a newer number.
      sequence = Math.max(sequence, answer.sequence) + 1;
      waiting.sequence = sequence;
    }
  };

  const send = async () => {
    if (sending || ended) return;
    sending = true;
    window.clearTimeout(retry);
    drawMark();
    let going = true;
    while (going && !ended && unsent()) {
      const number = Number(Object.keys(box.answers)[0]);
      const waiting = box.answers[number];
      try {
        await sendOne(number);
        offline = false;
        expired = "";
        pause = FIRST_PAUSE;
      } catch (error) {
        going = error.status ? refused(number, waiting, error) : false;
        if (!error.status) offline = true;
      }
      store();
      drawMark();
    }
    await sendFlags();
    sending = false;
    drawMark();
    if ((unsent() || Object.keys(box.flags).length) && !ended) {
      retry = window.setTimeout(send, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  };

  const sendFlags = async () => {
    for (const key of Object.keys(box.flags)) {
      if (ended || offline || expired) return;
      const flagged = box.flags[key];
      try {
        await post(root.dataset.flag, { position: Number(key), flagged });
      } catch (error) {
        if (![404, 409, 422].includes(error.status)) return;
      }
      if (box.flags[key] === flagged) delete box.flags[key];
      store();
    }
  };

  window.addEventListener("online", () => { pause = FIRST_PAUSE; send(); });
  window.addEventListener("offline", () => { offline = true; drawMark(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  window.addEventListener("beforeunload", (event) => { if (unsent() && !kept && !ended) event.preventDefault(); });

  // ---- what is seen

  const WORDS = { idle: "", saved: "✓ 已保存", saving: "… 保存中" };
  let lastState = "idle";
  const drawMark = () => {
    const number = unsent();
    let state = "saved";
    if (number) state = offline || expired ? "unsaved" : "saving";
    else if (lastState === "idle" && blanks().length === total) state = "idle";
    mark.textContent = state === "unsaved" ? `! 未保存${offline ? "（断网）" : " "}${number} 题` : WORDS[state];
    mark.dataset.state = state;
    if (state !== lastState) {
      if (state === "unsaved" && offline) say("网络中断，答案已存在手机上，恢复后自动上传。");
      if (state === "saved" && lastState === "unsaved") say("答案都已保存。");
    }
    lastState = state;
    if (trouble.dataset.own) return;
    trouble.hidden = state !== "unsaved";
    if (state === "unsaved") {
      trouble.textContent = kept
        ? "! 网络中断，答案已存在手机上，恢复后自动上传。可以继续作答。"
        : "! 网络中断，请不要关闭页面，恢复后自动上传。可以继续作答。";
    }
  };
  // A warning of its own stands until an answer pressed after `settledBy` is saved; `link` leads back to the paper.
  let settled = 0;
  const warn = (words, { settledBy = 0, link = "" } = {}) => {
    settled = settledBy;
    if (trouble.dataset.own === words) return;
    trouble.dataset.own = words;
    trouble.textContent = `! ${words}`;
    if (link) trouble.append(" ", Object.assign(document.createElement("a"), { href: root.dataset.here, textContent: link }));
    trouble.hidden = false;
    say(words);
  };
  const calm = (saved) => {
    if (ended || saved <= settled) return;
    delete trouble.dataset.own;
    trouble.hidden = true;
  };

  const PROGRESS = { blank: "未答", partly: "部分作答", answered: "已答" };
  const drawCell = (number) => {
    const cell = one(`[data-cell="${number}"]`);
    const state = progress(forms.get(number));
    const flagged = cell.classList.contains("is-flagged");
    for (const each of ["answered", "partly"]) cell.classList.toggle(`is-${each}`, state === each);
    if (number === position) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
    cell.querySelector("[data-cell-words]").textContent = `，${PROGRESS[state]}${flagged ? "，有标记" : ""}`;
    const open = blanks().length;
    const begun = unfinished().length;
    one("[data-count]").textContent = `已答 ${total - open - begun} 题，${begun ? `部分作答 ${begun} 题，` : ""}未答 ${open} 题`;
  };

  const show = (number, focus = true) => {
    const before = position;
    position = Math.min(Math.max(number, 1), total);
    for (const [key, form] of forms) form.hidden = key !== position;
    place.textContent = String(position);
    const back = one('[data-step="-1"]');
    if (position === 1) back.setAttribute("aria-disabled", "true");
    else back.removeAttribute("aria-disabled");
    one("[data-next-word]").textContent = position === total ? "交卷" : "下一题";
    drawFlag();
    drawCell(before);
    drawCell(position);
    box.position = position;
    store();
    window.history.replaceState(null, "", `${root.dataset.here}?q=${position}`);
    window.scrollTo(0, 0);
    if (focus) forms.get(position).querySelector("[data-focus]").focus({ preventScroll: true });
  };

  const flagForm = one("[data-flag-form]");
  const isFlagged = (number) => one(`[data-cell="${number}"]`).classList.contains("is-flagged");
  const drawFlag = () => {
    const flagged = isFlagged(position);
    flagForm.querySelector("button").setAttribute("aria-pressed", String(flagged));
    one("[data-flag-word]").textContent = flagged ? "取消标记" : "标记";
  };

  // ---- the clock

  let endsAt = 0;
  let spoken = Infinity;
  const ANNOUNCED = [10, 5, 1];
  const setLeft = (seconds) => { endsAt = Date.now() + seconds * 1000; };
  const drawClock = () => {
    const left = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.parentElement.dataset.state = left <= 300 ? "short" : "";
    const due = ANNOUNCED.filter((minutes) => left <= minutes * 60);
    const newest = due.length ? Math.min(...due) : Infinity;
    if (newest < spoken) {
      if (left > (newest - 1) * 60 && left > 0) say(`还有 ${newest} 分钟。`);
      spoken = newest;
    }
    if (left === 0 && !ended) timeIsUp();
  };
  const timeIsUp = () => {
    const lost = unsent();
    const words = lost ? `作答时间已到，系统自动交卷。有 ${lost} 题没能上传，不能计入。` : "作答时间已到，系统自动交卷。";
    end(words);
  };
  const end = (words) => {
    ended = true;
    for (const form of forms.values()) disable(form);
    warn(`${words} 正在打开成绩…`);
    const leave = () => { window.location.assign(root.dataset.here); };
    window.setTimeout(() => { if (navigator.onLine) leave(); }, 2500);
    window.addEventListener("online", leave);
  };

  // ---- hands on

  root.addEventListener("change", (event) => {
    const form = event.target.closest("[data-question]");
    if (form && !ended) keep(Number(form.dataset.question), partOf(event.target));
  });
  let typing = 0;
  root.addEventListener("input", (event) => {
    if (event.target.type !== "text") return;
    const number = Number(event.target.closest("[data-question]").dataset.question);
    window.clearTimeout(typing);
    typing = window.setTimeout(() => { if (!ended) keep(number, partOf(event.target)); }, 1000);
  });
  root.addEventListener("submit", (event) => {
    if (event.target.closest("[data-question]")) event.preventDefault();
  });

  const open = (dialog) => { if (dialog.showModal) { if (!dialog.open) dialog.showModal(); } else dialog.setAttribute("open", ""); };
  const close = (dialog) => { if (dialog.close) dialog.close(); else dialog.removeAttribute("open"); };
  const left = () => {
    const [open_, begun] = [blanks(), unfinished()];
    const listed = (numbers) => `第 ${numbers.slice(0, 20).join("、")}${numbers.length > 20 ? "…" : ""} 题。`;
    const words = open_.length ? `还有 ${open_.length} 题没有作答：${listed(open_)}` : "";
    if (begun.length) return `${words}案例题还有小题没有作答：${listed(begun)}`;
    return words || `${total} 题都已作答。`;
  };
  const askHandIn = () => {
    close(sheet);
    const waiting = unsent();
    const words = left();
    one("[data-blanks]").textContent = waiting ? `${words} 有 ${waiting} 题还没有上传，网络恢复、上传完再交卷。` : words;
    open(handIn);
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-step],[data-open-sheet],[data-close-sheet],[data-cell],[data-ask-hand-in],[data-keep-on]");
    if (!target) {
      if (event.target === sheet) close(sheet);
      return;
    }
    event.preventDefault();
    if (target.dataset.step === "1" && position === total) askHandIn();
    else if (target.dataset.step) show(position + Number(target.dataset.step));
    else if ("openSheet" in target.dataset) open(sheet);
    else if ("closeSheet" in target.dataset) close(sheet);
    else if (target.dataset.cell) { close(sheet); show(Number(target.dataset.cell)); }
    else if ("askHandIn" in target.dataset) askHandIn();
    else close(handIn);
  });

  flagForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const flagged = !isFlagged(position);
    one(`[data-cell="${position}"]`).classList.toggle("is-flagged", flagged);
    box.flags[position] = flagged;
    store();
    drawFlag();
    drawCell(position);
    send();
  });

  handIn.querySelector("[data-hand-in]").addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.ready) return;
    event.preventDefault();
    window.clearTimeout(typing);
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    for (let tries = 0; tries < 20 && (sending || unsent()) && !ended; tries += 1) {
      if (!sending) await send();
      if (offline || expired) break;
      if (sending) await new Promise((resolve) => { window.setTimeout(resolve, 250); });
    }
    button.disabled = false;
    if (unsent()) {
      one("[data-blanks]").textContent = `有 ${unsent()} 题还没有上传。${expired || "请等网络恢复"}，看到“已保存”后再交卷。`;
      return;
    }
    form.dataset.ready = "1";
    window.lmsOutbox.forget(attempt);
    form.submit();
  });

  // ---- begin

  for (const key of Object.keys(box.flags)) one(`[data-cell="${key}"]`)?.classList.toggle("is-flagged", box.flags[key]);
  for (const number of forms.keys()) drawCell(number);
  if (sheet.open) { close(sheet); open(sheet); }
  setLeft(Number(root.dataset.left));
  if (!new URLSearchParams(window.location.search).has("q") && box.position) position = box.position;
  show(position, false);
  drawMark();
  drawClock();
  window.setInterval(drawClock, 500);
  send();
})();
