// Estimators whose credit is added up over units, in the form in which the wire brings them: int8
// levels of a scale, what lies beyond it, and here every number itself. On a large batch it goes on
// in slices.

import { advantages } from "./exact.js";
import { limitOf } from "./limits.js";
import { ownStarts, startsOf } from "./units.js";
import { MASKED, listed, runAt } from "./wire.js";

const AT_ONCE = 1 << 16; // tokens that are added up before somebody may look at the clock

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
    const share = found.length / batch.estimators.length;
    yield starts ? (1 + share) / 2 : share;
    const values = yield* advantages(batch, e);
    found.push(yield* inUnits(batch, e, values, starts ?? ownStarts(batch, e), how === "mean"));
  }
  return found;
}

// Each token of a unit has the unit's sum or mean; what is masked stays so.
function* inUnits(batch, e, values, starts, mean) {
  const sums = new Float32Array(starts.length);
  const many = new Int32Array(starts.length); // tokens of the unit that have a number
  const turns = inTurns(starts, batch.tokens);
  for (const [first, last] of turns) {
    addUp(values, starts, first, last, sums, many);
    yield;
  }
  if (mean) for (let k = 0; k < sums.length; k++) sums[k] /= Math.max(1, many[k]);
  const scale = limitOf(sums, (k) => many[k]);
  yield;
  const { strip: given } = e;
  const strip = new Int8Array(batch.tokens);
  const [at, value] = [[], []];
  for (const [first, last] of turns) {
    for (let k = first; k < last; k++) {
      const [from, to] = [starts[k], starts[k + 1] ?? batch.tokens];
      fill(strip, given, from, to, levelOf(sums[k], scale));
      if (Math.abs(sums[k]) <= scale) continue;
      for (let t = from; t < to; t++) if (given[t] !== MASKED) value.push(sums[k]) && at.push(t);
    }
    yield;
  }
  const valueAt = (t) => (given[t] === MASKED ? NaN : sums[runAt(starts, t)]);
  return { ...e, strip, scale, beyond: listed(Int32Array.from(at), Float32Array.from(value)), valueAt, starts };
}

// The units, in runs [first, last) of about AT_ONCE tokens.
function inTurns(starts, tokens) {
  const found = [];
  for (let t = 0, first = 0; t < tokens; t += AT_ONCE) {
    const last = t + AT_ONCE < tokens ? runAt(starts, t + AT_ONCE) : starts.length;
    if (last > first) found.push([first, (first = last)]);
  }
  return found;
}

function addUp(values, starts, first, last, sums, many) {
  for (let k = first; k < last; k++) {
    const to = starts[k + 1] ?? values.length;
    let [sum, n] = [0, 0];
    for (let t = starts[k]; t < to; t++) {
      const x = values[t];
      if (x !== x) continue; // masked, or not a number
      sum += x;
      n++;
    }
    sums[k] = sum;
    many[k] = n;
  }
}

function levelOf(sum, scale) {
  const size = Math.min(127, Math.ceil((Math.abs(sum) * 127) / scale));
  return sum === 0 ? 0 : Math.sign(sum) * Math.max(1, size);
}

function fill(strip, given, from, to, level) {
  for (let t = from; t < to; t++) strip[t] = given[t] === MASKED ? MASKED : level;
}
