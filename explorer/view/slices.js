// Work that can wait, in slices so short that the page stays alive. `work` is a generator.

const SLICE = 12; // ms

export function idle() {
  let timer = 0;
  function start(work, done, wait = 0) {
    clearTimeout(timer);
    const slice = () => {
      const end = performance.now() + SLICE;
      do {
        const { done: over, value } = work.next();
        if (over) return done(value);
      } while (performance.now() < end);
      timer = setTimeout(slice);
    };
    timer = setTimeout(slice, wait);
  }
  return { start, stop: () => clearTimeout(timer) };
}
