// Batches as they come: ten a second at most, only the newest, none while held or out of sight.
// A turn without a batch counts as one of the ten, and waits for no pause.

const PERIOD = 100;

export function feed(element, { take, held }) {
  let newest = null;
  let owed = false; // whether a turn was asked for
  let timer = 0;
  let last = -PERIOD;
  let inSight = true;
  let skipped = 0;

  function offer(payload) {
    if (newest) skipped++;
    newest = payload;
    schedule();
  }

  function turn() {
    owed = true;
    schedule();
  }

  function schedule() {
    const ready = newest && !held();
    if (timer || !(ready || owed) || document.hidden || !inSight) return;
    const wait = last + PERIOD - performance.now();
    if (wait <= 0) hand(ready ? newest : null);
    else {
      // Much can happen until then: whoever pauses now does not want it.
      timer = setTimeout(() => {
        timer = 0;
        schedule();
      }, wait);
    }
  }

  function hand(payload) {
    last = performance.now();
    owed = false;
    if (payload) newest = null;
    take(payload);
  }

  // What the page did between two frames comes in one call; only the last of it still holds.
  const seen = new IntersectionObserver((entries) => {
    inSight = entries.at(-1).isIntersecting;
    schedule();
  });
  seen.observe(element);
  document.addEventListener("visibilitychange", schedule);

  return {
    offer,
    turn,
    resume: schedule,
    skipped: () => skipped,
    stop() {
      clearTimeout(timer);
      seen.disconnect();
      document.removeEventListener("visibilitychange", schedule);
    },
  };
}
