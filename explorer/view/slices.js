// Work that can wait, in slices so short that the page stays alive. `work` is a generator; what it
// yields last in a slice, the share that is done, is told.

const SLICE = 12; // ms

export function idle() {
  let timer = 0;
  function start(work, done, { wait = 0, told = () => {} } = {}) {
    clearTimeout(timer);
    const slice = () => {
      const end = performance.now() + SLICE;
      for (;;) {
        const { done: over, value } = work.next();
        if (over) return done(value);
        if (performance.now() >= end) {
          told(value);
          break;
        }
      }
      timer = setTimeout(slice);
    };
    timer = setTimeout(slice, wait);
  }
  return { start, stop: () => clearTimeout(timer) };
}
