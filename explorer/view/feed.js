// Batches as they come: ten a second at most, only the newest, none while held or out of sight.

const PERIOD = 100;

export function feed(element, { take, held }) {
  let newest = null;
  let timer = 0;
  let last = -PERIOD;
  let inSight = true;
  let skipped = 0;

  function offer(payload) {
    if (newest) skipped++;
    newest = payload;
    schedule();
  }

  function schedule() {
    if (timer || !newest || held() || document.hidden || !inSight) return;
    const wait = last + PERIOD - performance.now();
    if (wait <= 0) hand();
    else timer = setTimeout(hand, wait);
  }

  function hand() {
    timer = 0;
    last = performance.now();
    const payload = newest;
    newest = null;
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
    resume: schedule,
    skipped: () => skipped,
    stop() {
      clearTimeout(timer);
      seen.disconnect();
      document.removeEventListener("visibilitychange", schedule);
    },
  };
}
