// The lesson page: progress line, table of contents open on wide screens, citations in a sheet from below.
"use strict";

(() => {
  const line = document.querySelector("[data-reading-line]");
  if (line) {
    let waiting = false;
    const draw = () => {
      waiting = false;
      const room = document.documentElement.scrollHeight - window.innerHeight;
      line.value = room > 0 ? Math.min(1000, Math.round((window.scrollY / room) * 1000)) : 1000;
    };
    const later = () => {
      if (!waiting) {
        waiting = true;
        window.requestAnimationFrame(draw);
      }
    };
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later);
    draw();
  }

  const toc = document.querySelector("[data-open-on-desk]");
  if (toc) {
    const desk = window.matchMedia("(min-width: 992px)");
    toc.open = desk.matches;
    desk.addEventListener("change", () => { toc.open = desk.matches; });
    toc.addEventListener("click", (event) => {
      if (!desk.matches && event.target.closest("a")) toc.open = false;
    });
  }

  // On paper a fold is open; afterwards it is as it was.
  const folds = () => document.querySelectorAll("details.fold");
  window.addEventListener("beforeprint", () => {
    for (const fold of folds()) {
      if (!fold.open) fold.dataset.closed = "1";
      fold.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folds()) {
      if (fold.dataset.closed) fold.open = false;
      delete fold.dataset.closed;
    }
  });

  const sheet = document.getElementById("cite-sheet");
  if (!sheet || !window.bootstrap || !window.fetch) return; // chips stay links to the plain page
  const body = sheet.querySelector("[data-cite-body]");
  const heading = document.getElementById("cite-sheet-title");
  const seen = new Map();
  let wanted = "";

  const show = (href, html) => {
    if (wanted !== href) return;
    body.innerHTML = html; // our own server's rendered piece
    const more = document.createElement("a");
    more.href = href.replace(/\/[^/]*$/, "");
    more.className = "btn btn-outline-secondary";
    more.textContent = "这部文件的其他条款";
    body.append(more);
  };

  const load = async (href) => {
    if (!seen.has(href)) {
      const response = await fetch(`${href}?part=1`, { credentials: "same-origin" });
      if (!response.ok || response.redirected) throw new Error("not the piece");
      seen.set(href, await response.text());
    }
    return seen.get(href);
  };

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("a.cite");
    if (!chip || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const href = chip.getAttribute("href");
    wanted = href;
    heading.textContent = chip.textContent;
    body.textContent = "正在读取…";
    window.bootstrap.Offcanvas.getOrCreateInstance(sheet).show(chip);
    load(href).then((html) => show(href, html)).catch(() => {
      if (wanted === href) show(href, "<p>暂时读不到这一条，请检查网络后再点一次。</p>");
    });
  });

  // Back to the chip: the reader goes on where they were.
  let opener = null;
  sheet.addEventListener("show.bs.offcanvas", (event) => { opener = event.relatedTarget; });
  sheet.addEventListener("hidden.bs.offcanvas", () => { opener?.focus({ preventScroll: true }); });
})();
