// Answers that have not reached the server yet, kept on this phone by attempt; forgotten once the paper is handed in.
"use strict";

(() => {
  const PREFIX = "lms-attempt-";
  const KEPT_DAYS = 7;
  const empty = () => ({ answers: {}, flags: {}, position: 0, at: 0 });

  const read = (key) => {
    try {
      const found = JSON.parse(window.localStorage.getItem(key) || "null");
      return found && typeof found === "object" && found.answers ? { ...empty(), ...found } : empty();
    } catch {
      return empty();
    }
  };

  window.lmsOutbox = {
    load: (attempt) => read(PREFIX + attempt),
    // Returns whether the phone keeps it: in private browsing it holds for this page only.
    store(attempt, box) {
      try {
        window.localStorage.setItem(PREFIX + attempt, JSON.stringify({ ...box, at: Date.now() }));
        return true;
      } catch {
        return false;
      }
    },
    forget(attempt) {
      try {
        window.localStorage.removeItem(PREFIX + attempt);
      } catch {
        // nothing was kept then
      }
    },
  };

  try {
    for (const key of Object.keys(window.localStorage)) {
      if (key.startsWith(PREFIX) && Date.now() - read(key).at > KEPT_DAYS * 86_400_000) window.localStorage.removeItem(key);
    }
  } catch {
    // nothing to tidy
  }
  const done = document.querySelector("[data-done-attempt]");
  if (done) window.lmsOutbox.forget(done.dataset.doneAttempt);
})();
