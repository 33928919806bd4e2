// What each token shows under each estimator: its unit's value (token, word, ... block), in bins.
//
// A layer is {levels, table, over, limit, limits, value}: token t has bin table[levels[t] + 128],
// except for the few in `over`, which lists the tokens beyond the scale as [t, bin]. So a live
// update recolours 64 x 1,000 tokens under 12 estimators without touching most of them.

import { binOf, limitOf, tableFor } from "./scale.js";
import { unitsOf } from "./units.js";
import { MASKED, levelValue } from "./wire.js";

export const SCOPES = ["estimator", "all", "completion", "locked"];
const SAME = Int8Array.from({ length: 256 }, (_, k) => k - 128);

export function layersOf(batch, state) {
  const units = state.granularity === "token" ? null : unitsOf(batch, state.granularity);
  const byLevel = !units && state.scope !== "completion";
  const values = batch.estimators.map((e) => (byLevel ? null : shownValues(batch, e, units, state)));
  const own = batch.estimators.map((e, k) => (units ? limitOf(values[k]) : e.scale));
  const widest = Math.max(...own);
  return new Map(
    batch.estimators.map((e, k) => {
      const locked = state.scope === "locked" && state.limit > 0 ? state.limit : own[k];
      const limit = state.scope === "all" ? widest : locked;
      return [e.name, byLevel ? fromLevels(e, limit) : fromValues(batch, e, values[k], limit, state)];
    }),
  );
}

function fromLevels(e, limit) {
  return {
    levels: e.strip,
    table: tableFor(limit / e.scale),
    over: Array.from(e.beyond, ([t, value]) => [t, binOf(value, limit)]),
    limit,
    limits: null,
    value: (t) => e.beyond.get(t) ?? levelValue(e.strip[t], e.scale),
  };
}

function fromValues(batch, e, values, limit, state) {
  const levels = new Int8Array(values.length);
  const limits = state.scope === "completion" ? new Float32Array(batch.samples) : null;
  for (let i = 0; i < batch.samples; i++) {
    const [a, b] = [batch.first[i], batch.first[i + 1]];
    if (limits) limits[i] = largest(values, a, b) || 1;
    for (let t = a; t < b; t++) levels[t] = binOf(values[t], limits ? limits[i] : limit);
  }
  return { levels, table: SAME, over: [], limit, limits, value: (t) => values[t] };
}

function largest(values, from, to) {
  let top = 0;
  for (let t = from; t < to; t++) if (Math.abs(values[t]) > top) top = Math.abs(values[t]);
  return top;
}

// Sum or mean over each unit, on each of its tokens; NaN where masked.
function shownValues(batch, e, units, state) {
  const values = valuesOf(e);
  if (!units) return values;
  const starts = units === "own" ? ownUnits(batch, e) : units;
  for (let k = 0; k < starts.length; k++) {
    share(values, starts[k], starts[k + 1] ?? batch.tokens, state.how === "mean");
  }
  return values;
}

function valuesOf(e, scale = e.scale) {
  const table = Float32Array.from({ length: 256 }, (_, q) => levelValue(q - 128, scale));
  const values = new Float32Array(e.strip.length);
  for (let t = 0; t < values.length; t++) values[t] = table[e.strip[t] + 128];
  for (const [t, value] of e.beyond) values[t] = (value * scale) / e.scale;
  return values;
}

function share(values, from, to, mean) {
  let sum = 0;
  let n = 0;
  for (let t = from; t < to; t++) {
    if (Number.isNaN(values[t])) continue;
    sum += values[t];
    n++;
  }
  const value = mean && n ? sum / n : sum;
  for (let t = from; t < to; t++) if (!Number.isNaN(values[t])) values[t] = value;
}

// The estimator's own cut, else the runs of tokens that it gives the same number.
function ownUnits(batch, e) {
  if (e.segment) return e.segment;
  const starts = [];
  for (let t = 0; t < batch.tokens; t++) {
    if (t === batch.first[batch.sample[t]] || e.strip[t] !== e.strip[t - 1]) starts.push(t);
  }
  return starts;
}

// Bins of the tokens of one completion.
export function rowBins(batch, layer, sample) {
  const [from, to] = [batch.first[sample], batch.first[sample + 1]];
  const bins = new Int8Array(to - from);
  for (let t = from; t < to; t++) bins[t - from] = layer.table[layer.levels[t] + 128];
  for (const [t, bin] of layer.over) if (t >= from && t < to) bins[t - from] = bin;
  return bins;
}

// a / its scale minus b / its scale: comparable although the units differ.
export function difference(a, b) {
  const values = valuesOf(a, 1);
  const others = valuesOf(b, 1);
  for (let t = 0; t < values.length; t++) values[t] -= others[t];
  const limit = limitOf(values);
  const levels = new Int8Array(values.length);
  for (let t = 0; t < values.length; t++) levels[t] = Number.isNaN(values[t]) ? MASKED : binOf(values[t], limit);
  return { levels, table: SAME, over: [], limit, limits: null, value: (t) => values[t] };
}
