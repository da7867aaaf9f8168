// The projector: asks for news every few seconds, turns the page of the code when its window ends.
"use strict";

(() => {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const find = (name) => board.querySelector(`[data-${name}]`);
  const WINDOW = 15;
  const EVERY = 3000;
  let left = Number(board.dataset.left);
  let since = performance.now();
  let failures = 0;
  let asking = false;
  let serverSeconds = null;

  const secondsLeft = () => Math.max(0, left - (performance.now() - since) / 1000);

  function tick() {
    const rest = secondsLeft();
    find("ring").setAttribute("stroke-dasharray", `${(rest / WINDOW) * 100} 100`);
    find("seconds").textContent = String(Math.ceil(rest));
    if (serverSeconds !== null) {
      const now = serverSeconds + (performance.now() - since) / 1000;
      const minutes = Math.floor(now / 60);
      find("clock").textContent = `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
    }
    if (rest <= 0 && !asking) ask();
  }

  function show(state) {
    left = state.seconds_left;
    since = performance.now();
    const [hours, minutes, seconds] = state.time.split(":").map(Number);
    serverSeconds = hours * 3600 + minutes * 60 + seconds;
    find("open").hidden = !state.open;
    find("notice").hidden = state.open;
    find("notice").textContent = state.notice;
    if (state.open) {
      find("code").textContent = `${state.code.slice(0, 3)} ${state.code.slice(3)}`;
      turn(state.qr);
    }
    find("present").textContent = state.present;
    find("total").textContent = state.total;
    const list = find("missing");
    list.replaceChildren(...state.missing.map((name) => Object.assign(document.createElement("li"), { textContent: name })));
    list.parentElement.classList.toggle("is-many", state.missing.length > 24);
    find("missing-title").textContent = state.missing.length ? `还没签到（${state.missing.length} 人）` : state.total ? "全部到齐" : "本班还没有学员";
  }

  // The new picture is loaded before the old one goes, so that the screen never shows a hole.
  function turn(address) {
    const image = find("qr");
    if (image.getAttribute("src") === address) return;
    const next = new Image();
    next.onload = () => image.setAttribute("src", address);
    next.src = address;
  }

  async function ask() {
    asking = true;
    try {
      const response = await fetch(board.dataset.board, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (response.status === 401 || response.status === 403) {
        window.location.reload();
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      show(await response.json());
      failures = 0;
    } catch {
      failures += 1;
    } finally {
      asking = false;
      find("trouble").hidden = failures < 2;
    }
  }

  const full = find("full-screen");
  if (document.documentElement.requestFullscreen) {
    full.hidden = false;
    full.addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    });
  }

  // A projector's computer must not fall asleep; where the browser cannot promise it, the class will notice.
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => undefined);
  stayAwake();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      stayAwake();
      ask();
    }
  });

  ask();
  setInterval(tick, 200);
  setInterval(() => asking || ask(), EVERY);
})();
