// What an estimator gives every token, as one array: exact where its terms came along, else to half
// a level. Loops, since a call of `advantage` for each of a million tokens takes too long.

import { MASKED, TERMS, levelValue, runAt } from "./wire.js";

export const KEPT = 1 << 17; // tokens of a batch whose arrays are kept
const exactOf = new WeakMap(); // estimator -> its array

export function advantages(batch, e) {
  if (exactOf.has(e)) return exactOf.get(e);
  const found = everyToken(batch, e);
  if (batch.tokens <= KEPT) exactOf.set(e, found);
  return found;
}

// NaN where it is masked.
function everyToken(batch, e) {
  const { strip, beyond } = e;
  const found = new Float64Array(batch.tokens);
  const rows = TERMS.map(() => new Float64Array(batch.longest));
  const [target, baseline, scale, weight, bonus] = rows;
  for (let i = 0; i < batch.samples; i++) {
    const [from, to] = [batch.first[i], batch.first[i + 1]];
    const at = batch.place(from);
    if (at < 0) for (let t = from; t < to; t++) found[t] = levelValue(strip[t], e.scale);
    else {
      TERMS.forEach((name, k) => expand(e.tracks[name], at, to - from, rows[k]));
      for (let t = from, k = 0; t < to; t++, k++) {
        found[t] = strip[t] === MASKED ? NaN : (weight[k] * (target[k] - baseline[k])) / scale[k] + bonus[k];
      }
    }
  }
  beyond.at.forEach((t, k) => (found[t] = beyond.value[k]));
  return found;
}

// n numbers of a track from its place `at` on.
function expand(track, at, n, row) {
  const { dense, start = [0], value = [track] } = track; // one number is a single run
  if (dense) row.set(dense.subarray(at, at + n));
  else {
    for (let k = 0, r = runAt(start, at); k < n; r++) {
      const end = Math.min(n, (start[r + 1] ?? Infinity) - at);
      while (k < end) row[k++] = value[r];
    }
  }
}
