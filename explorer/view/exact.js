// What an estimator gives every token, as one array: exact where its terms came along, else to half
// a level. Loops, since a call of `advantage` for each of a million tokens takes too long.

import { MASKED, TERMS, levelValue, runAt } from "./wire.js";

export const KEPT = 1 << 17; // tokens of a batch whose arrays are kept
const exactOf = new WeakMap(); // estimator -> its array

// Yields after every completion, and gives the array back: NaN where it is masked.
export function* advantages(batch, e) {
  if (exactOf.has(e)) return exactOf.get(e);
  const found = new Float64Array(batch.tokens);
  const rows = TERMS.map(() => new Float64Array(batch.longest));
  for (let i = 0; i < batch.samples; i++) {
    completion(batch, e, i, rows, found);
    yield;
  }
  e.beyond.at.forEach((t, k) => (found[t] = e.beyond.value[k]));
  if (batch.tokens <= KEPT) exactOf.set(e, found);
  return found;
}

function completion(batch, { strip, scale: limit, tracks }, i, rows, found) {
  const [from, to] = [batch.first[i], batch.first[i + 1]];
  const at = batch.place(from);
  if (at < 0) for (let t = from; t < to; t++) found[t] = levelValue(strip[t], limit);
  else {
    TERMS.forEach((name, k) => expand(tracks[name], at, to - from, rows[k]));
    const [target, baseline, scale, weight, bonus] = rows;
    for (let t = from, k = 0; t < to; t++, k++) {
      found[t] = strip[t] === MASKED ? NaN : (weight[k] * (target[k] - baseline[k])) / scale[k] + bonus[k];
    }
  }
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
