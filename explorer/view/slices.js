// Work that can wait, in slices so short that the page stays alive. `work` is a generator; what it
// yields last in a slice, the share that is done, is told four times a second: whatever it changes on
// the page costs a frame, which takes longer than the slice where much text is coloured.

const SLICE = 12; // ms
const PACE = 250; // ms

export function idle() {
  let timer = 0;
  function start(work, done, { wait = 0, told = () => {} } = {}) {
    clearTimeout(timer);
    let next = 0; // when it is told again
    const slice = () => {
      const end = performance.now() + SLICE;
      for (;;) {
        const { done: over, value } = work.next();
        if (over) return done(value);
        const now = performance.now();
        if (now < end) continue;
        if (now >= next) {
          told(value);
          next = now + PACE;
        }
        break;
      }
      timer = setTimeout(slice);
    };
    timer = setTimeout(slice, wait);
  }
  return { start, stop: () => clearTimeout(timer) };
}
