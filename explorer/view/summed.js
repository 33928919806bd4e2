// Estimators whose credit is added up over units, in the form in which the wire brings them: int8
// levels of a scale, what lies beyond it, and here every number itself. On a large batch it goes on
// in slices.

import { advantages } from "./exact.js";
import { limitOf } from "./limits.js";
import { ownStarts, startsOf } from "./units.js";
import { MASKED, listed, runAt } from "./wire.js";

// {estimators, share, run}: `estimators()` is null until `run(ms)` was called often enough.
export function summing(batch, { granularity, how }) {
  const work = addedUp(batch, granularity, how);
  let estimators = granularity === "token" ? batch.estimators : null;
  let share = 0;
  // Another slice; gives back whether all is done.
  function run(ms) {
    const end = performance.now() + ms;
    while (!estimators && performance.now() < end) {
      const { done, value } = work.next();
      if (done) estimators = value;
      else share = value ?? share;
    }
    return estimators !== null;
  }
  return { estimators: () => estimators, share: () => share, run };
}

function* addedUp(batch, granularity, how) {
  const found = [];
  const starts = granularity === "own" ? null : yield* startsOf(batch, granularity);
  for (const e of batch.estimators) {
    const values = advantages(batch, e);
    const share = found.length / batch.estimators.length;
    yield starts ? (1 + share) / 2 : share;
    found.push(inUnits(batch, e, values, starts ?? ownStarts(batch, e), how === "mean"));
    yield;
  }
  return found;
}

// Each token of a unit has the unit's sum or mean; what is masked stays so.
function inUnits(batch, e, values, starts, mean) {
  const { sums, many } = totals(values, starts);
  if (mean) for (let k = 0; k < sums.length; k++) sums[k] /= Math.max(1, many[k]);
  const scale = limitOf(sums, (k) => many[k]);
  const strip = new Int8Array(batch.tokens);
  const [at, value] = [[], []];
  for (let k = 0; k < starts.length; k++) {
    const [from, to] = [starts[k], starts[k + 1] ?? batch.tokens];
    const size = Math.min(127, Math.ceil((Math.abs(sums[k]) * 127) / scale));
    const level = sums[k] === 0 ? 0 : Math.sign(sums[k]) * Math.max(1, size);
    const beyond = Math.abs(sums[k]) > scale;
    for (let t = from; t < to; t++) {
      strip[t] = e.strip[t] === MASKED ? MASKED : level;
      if (beyond && strip[t] !== MASKED) value.push(sums[k]) && at.push(t);
    }
  }
  const valueAt = (t) => (e.strip[t] === MASKED ? NaN : sums[runAt(starts, t)]);
  return { ...e, strip, scale, beyond: listed(Int32Array.from(at), Float32Array.from(value)), valueAt, starts };
}

// The sum of each unit, and of how many tokens it is.
function totals(values, starts) {
  const sums = new Float32Array(starts.length);
  const many = new Int32Array(starts.length);
  for (let k = 0; k < starts.length; k++) {
    const to = starts[k + 1] ?? values.length;
    let sum = 0;
    for (let t = starts[k]; t < to; t++) {
      if (Number.isNaN(values[t])) continue;
      sum += values[t];
      many[k]++;
    }
    sums[k] = sum;
  }
  return { sums, many };
}
