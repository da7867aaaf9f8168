// Pages that are made to be printed: their button (app.js prints), and printing at once when that was asked for.
"use strict";

(() => {
  if (!window.print || /MicroMessenger/.test(navigator.userAgent)) return; // WeChat's browser cannot print
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  if (document.querySelector("[data-print-now]")) {
    // once: coming back to the page is no wish to print again
    const plain = new URL(window.location.href);
    plain.searchParams.delete("print");
    window.history.replaceState(null, "", plain);
    window.addEventListener("load", () => { window.print(); });
  }
})();
