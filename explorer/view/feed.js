// Batches as they come: ten a second at most, only the newest, none while held or out of sight.
// An offer of null asks for a turn without a batch; one that comes meanwhile takes its place.

const PERIOD = 100;

export function feed(element, { take, held }) {
  let newest; // undefined: nothing waits
  let timer = 0;
  let last = -PERIOD;
  let inSight = true;
  let skipped = 0;

  function offer(payload) {
    if (payload && newest) skipped++;
    newest = payload ?? newest ?? null;
    schedule();
  }

  function schedule() {
    if (timer || newest === undefined || held() || document.hidden || !inSight) return;
    const wait = last + PERIOD - performance.now();
    if (wait <= 0) hand();
    else {
      // Much can happen until then: whoever pauses now does not want it.
      timer = setTimeout(() => {
        timer = 0;
        schedule();
      }, wait);
    }
  }

  function hand() {
    last = performance.now();
    const payload = newest;
    newest = undefined;
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
