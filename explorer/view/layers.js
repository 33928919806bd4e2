// What each token shows under each estimator: its unit's value (token, word, ... block), in bins.

import { BEYOND, binOf, binsOfLevels, limitOf } from "./scale.js";
import { lineOf } from "./tokens.js";
import { MASKED, levelValue } from "./wire.js";

export const GRANULARITIES = ["token", "word", "sentence", "line", "step", "block", "own"];
export const SCOPES = ["estimator", "all", "completion", "locked"];

// {name -> {bins [tokens], limit, limits [samples] | null, value(t)}} for all estimators.
export function layersOf(batch, state) {
  const units =
    state.granularity === "token" ? null : unitsOf(batch, state.granularity, state.whitespace);
  const byLevel = !units && state.scope !== "completion";
  const values = batch.estimators.map((e) => (byLevel ? null : shownValues(batch, e, units, state)));
  const own = batch.estimators.map((e, k) => (units ? limitOf(values[k]) : e.scale));
  const limits = own.map((limit) => limitIn(state, own, limit));
  return new Map(
    batch.estimators.map((e, k) => {
      const layer = byLevel ? fromLevels(e, limits[k]) : fromValues(batch, e, values[k], limits[k], state);
      return [e.name, layer];
    }),
  );
}

function limitIn(state, own, limit) {
  if (state.scope === "all") return Math.max(...own);
  return state.scope === "locked" && state.limit > 0 ? state.limit : limit;
}

function fromLevels(e, limit) {
  const table = binsOfLevels(e.scale, limit);
  const bins = new Int8Array(e.strip.length);
  for (let t = 0; t < bins.length; t++) bins[t] = table[e.strip[t] + 128];
  for (const [t, value] of e.beyond) bins[t] = binOf(value, limit);
  const value = (t) => e.beyond.get(t) ?? levelValue(e.strip[t], e.scale);
  return { bins, limit, limits: null, value };
}

function fromValues(batch, e, values, limit, state) {
  const bins = new Int8Array(values.length);
  const limits = state.scope === "completion" ? new Float32Array(batch.samples) : null;
  for (let i = 0; i < batch.samples; i++) {
    const [a, b] = [batch.first[i], batch.first[i + 1]];
    let top = limit;
    if (limits) {
      top = 0;
      for (let t = a; t < b; t++) if (Math.abs(values[t]) > top) top = Math.abs(values[t]);
      limits[i] = top ||= 1;
    }
    for (let t = a; t < b; t++) bins[t] = e.strip[t] === MASKED ? MASKED : binOf(values[t], top);
  }
  return { bins, limit, limits, value: (t) => values[t] };
}

// Sum or mean over each unit, on each of its tokens; NaN where masked.
function shownValues(batch, e, units, state) {
  const values = new Float32Array(batch.tokens);
  const table = Float32Array.from({ length: 256 }, (_, q) => levelValue(q - 128, e.scale));
  for (let t = 0; t < values.length; t++) values[t] = table[e.strip[t] + 128];
  for (const [t, value] of e.beyond) values[t] = value;
  if (units) {
    const starts = units === "own" ? ownUnits(batch, e) : units;
    for (let k = 0; k < starts.length; k++) {
      share(values, starts[k], starts[k + 1] ?? batch.tokens, state.how === "mean");
    }
  }
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

// Tokens at which a unit starts; "own" depends on the estimator.
export function unitsOf(batch, granularity, whitespace) {
  if (granularity === "own") return "own";
  const starts = [];
  for (let i = 0; i < batch.samples; i++) {
    const from = batch.first[i];
    const n = batch.first[i + 1] - from;
    const is = n ? startsIn(batch, i, granularity, whitespace) : () => false;
    for (let k = 0; k < n; k++) if (k === 0 || is(k)) starts.push(from + k);
  }
  return starts;
}

function startsIn(batch, i, granularity, whitespace) {
  const from = batch.first[i];
  if (granularity === "block") return (k) => batch.blockOf(from + k) !== batch.blockOf(from + k - 1);
  if (granularity === "step") {
    const cuts = new Set(batch.segment);
    return (k) => cuts.has(from + k);
  }
  const pieces = batch.pieces(i);
  if (granularity === "line") return (k) => pieces[k - 1].includes("\n");
  const line = lineOf(pieces, whitespace);
  const edges = [];
  const cutter = new Intl.Segmenter(undefined, { granularity });
  for (const { index } of cutter.segment(line.text)) edges.push(index);
  const unit = new Int32Array(pieces.length);
  for (let k = 0, e = 0; k < pieces.length; k++) {
    while (e + 1 < edges.length && edges[e + 1] <= line.start[k]) e++;
    unit[k] = e;
  }
  return (k) => unit[k] !== unit[k - 1];
}

// a / its limit minus b / its limit: comparable although the units differ.
export function difference(batch, a, b) {
  const values = new Float32Array(batch.tokens);
  for (let t = 0; t < values.length; t++) {
    const i = batch.sample[t];
    values[t] = a.value(t) / (a.limits?.[i] ?? a.limit) - b.value(t) / (b.limits?.[i] ?? b.limit);
  }
  const limit = limitOf(values);
  return { bins: Int8Array.from(values, (x) => binOf(x, limit)), limit, limits: null, value: (t) => values[t] };
}

export function isBeyond(bin) {
  return Math.abs(bin) === BEYOND;
}
