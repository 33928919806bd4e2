// What each token shows under each estimator, in bins of the limit that was asked for.
//
// A layer is {levels, tableOf, over, limit, each, value}: token t of sample i has bin
// tableOf(i)[levels[t] + 128], except for the few tokens beyond the scale, which `over()` lists with
// theirs. So another limit is another table, and nothing is done for tokens that nobody sees.

import { limitsIn, pooled } from "./limits.js";
import { binOf, tableFor } from "./scale.js";
import { MASKED, levelValue, listed, partOf, within } from "./wire.js";

export const SCOPES = ["estimator", "all", "completion", "locked"];

// The limit that all estimators have in common; 0 if each has its own.
export function sharedLimit(layers, { scope }) {
  return ["all", "locked"].includes(scope) ? layers.values().next().value.limit : 0;
}

// estimators: those of the batch, or the same added up over units.
export function layersOf(batch, estimators, state) {
  const each = state.scope === "completion";
  const one = state.scope === "all" ? pooled(estimators) : state.scope === "locked" && state.limit;
  return new Map(estimators.map((e) => [e.name, keptLayer(batch, e, one > 0 ? one : e.scale, each)]));
}

// The same layer as long as nothing about it changed: a strip is painted only once.
const layerOfEstimator = new WeakMap();

function keptLayer(batch, e, limit, each) {
  const last = layerOfEstimator.get(e);
  if (last && last.limit === limit && last.each === each) return last;
  layerOfEstimator.set(e, layerOf(batch, e, limit, each));
  return layerOfEstimator.get(e);
}

function layerOf(batch, e, limit, each) {
  let limits = null;
  let over = null;
  const limitIn = (i) => {
    if (!each) return limit;
    limits ??= limitsIn(batch, e);
    return limits[i];
  };
  const bins = () => {
    const { at, value } = e.beyond;
    return listed(at, Int8Array.from(at, (t, k) => binOf(value[k], limitIn(batch.sample[t]))));
  };
  return {
    levels: e.strip,
    faults: e.not_a_number,
    tableOf: (i) => tableFor(limitIn(i) / e.scale),
    over: () => (over ??= bins()),
    limit,
    each,
    limitIn,
    value: e.valueAt ?? ((t) => e.beyond.find(t) ?? levelValue(e.strip[t], e.scale)),
  };
}

// A bin that no level has: the estimator gave what is not a number.
export const FAULT = -127;

// Bins of the tokens of one completion.
export function rowBins(batch, layer, sample) {
  const [from, to] = [batch.first[sample], batch.first[sample + 1]];
  const table = layer.tableOf(sample);
  const bins = new Int8Array(to - from);
  for (let t = from; t < to; t++) bins[t - from] = table[layer.levels[t] + 128];
  for (const [t, bin] of overIn(layer, from, to)) bins[t - from] = bin;
  for (const t of faultsIn(layer, from, to)) bins[t - from] = FAULT;
  return bins;
}

// The tokens in [from, to) whose value is not a number.
export function faultsIn({ faults, levels }, from, to) {
  return within(faults, from, to).filter((t) => levels[t] === MASKED);
}

// [token, bin] of what lies beyond the scale in [from, to).
export function* overIn(layer, from, to) {
  const [at, bins] = partOf(layer.over(), from, to);
  for (let k = 0; k < at.length; k++) yield [at[k], bins[k]];
}
