// Where to look: tokens at which something is wrong or estimators contradict each other, worst first.

import { memberRuns } from "./peers.js";
import { MASKED } from "./wire.js";

export const MOST = 200;
const LOUD = 0.1; // of the scale: below, a difference of sign says nothing
const SURE = 0.02; // of a reward: a smaller change of the true value is none

// Gives back [{text, sample, token, to, score}], runs of neighbours; `to` is the token after the last.
// A generator: on a large batch somebody may not want to wait for all kinds at once.
export function* surprises(batch, { a, b, split }) {
  const found = batch.estimators.map((e) => runs(batch, `${e.name} credits a masked token`, e.leaks, () => 4).concat(strangers(batch, e)));
  const [first, second] = [a, b].map((name) => batch.estimators.find((e) => e.name === name));
  const focused = split && second !== first ? [first, second] : [first];
  if (focused.length > 1) {
    for (const [p, q] of [focused, [second, first]]) {
      yield;
      found.push(opposed(batch, p, q));
    }
  }
  for (const e of focused) {
    yield;
    found.push(againstTruth(batch, e));
    yield;
    found.push(decided(batch, e));
  }
  yield;
  found.push(extreme(batch, first));
  return found.flat().sort((p, q) => q.score - p.score).slice(0, MOST);
}

function shares(e) {
  const table = Float32Array.from({ length: 256 }, (_, q) => (q - 128 === MASKED ? NaN : (q - 128) / 127));
  return (t) => table[e.strip[t] + 128];
}

// Tokens in their order as runs of neighbours in one completion.
function runs(batch, text, tokens, score) {
  const found = [];
  let run = null;
  let last = -2;
  for (const t of tokens) {
    const sample = batch.sample[t];
    const token = t - batch.first[sample];
    if (run && t === last + 1 && run.sample === sample) {
      run.to = token + 1;
      run.score = Math.max(run.score, score(t));
    } else found.push((run = { text, sample, token, to: token + 1, score: score(t) }));
    last = t;
  }
  return found;
}

// Classes of peers that are not who they should be. A class of several prompts is meant so if it is
// the only one of its block and outcome, as where the whole batch is the baseline.
function strangers(batch, e) {
  const alike = (s, other) => other !== s && other.block === s.block && other.outcome === s.outcome;
  const size = (x) => Math.max(1, Math.abs(x));
  const faults = (e.strata ?? []).map((s) => {
    if (s.group === null && e.strata.some((other) => alike(s, other))) return [s, "compares completions of different prompts"];
    const apart = s.mean !== null && s.baseline !== null && Math.abs(s.mean - s.baseline) > 1e-3 * size(s.mean);
    return apart ? [s, "subtracts what is not the mean of its peers"] : null;
  });
  return faults.filter(Boolean).map(([s, text]) => {
    const [{ sample, from, to }] = memberRuns(batch, e.peers, s.class);
    return { text: `${e.name} ${text}`, sample, token: from, to, score: 3 };
  });
}

// Tokens that one makes more likely and the other less.
function opposed(batch, p, q) {
  const [x, y] = [shares(p), shares(q)];
  const size = (t) => 1 + Math.min(Math.abs(x(t)), Math.abs(y(t)));
  const here = [];
  for (let t = 0; t < batch.tokens; t++) if (x(t) > LOUD && y(t) < -LOUD) here.push(t);
  return runs(batch, `${p.name} + but ${q.name} \u2212`, here, size);
}

// Tokens whose credit has the other sign than what they did to the true value. Where it was measured
// at some places only, the tokens between two of them share one change.
function againstTruth(batch, e) {
  const share = shares(e);
  const wrong = [];
  const change = new Map();
  for (const { from, to, by } of changes(batch)) {
    for (let t = from; t < to; t++) {
      if (!(share(t) * Math.sign(by) < -LOUD)) continue;
      wrong.push(t);
      change.set(t, Math.abs(by));
    }
  }
  const size = (t) => 1 + Math.min(1, change.get(t)) * Math.abs(share(t));
  const [plus, minus] = [(t) => share(t) > 0, (t) => share(t) < 0];
  return [
    ...runs(batch, `${e.name} + but the truth \u2212`, wrong.filter(plus), size),
    ...runs(batch, `${e.name} \u2212 but the truth +`, wrong.filter(minus), size),
  ];
}

// [{from, to, by}]: tokens [from, to) changed the true value by more than its error.
function changes(batch) {
  const value = batch.measures.mc_values;
  const error = batch.measures.mc_sem ?? (() => 0);
  const found = [];
  for (let i = 0; value && i < batch.samples; i++) {
    let from = -1;
    for (let t = batch.first[i]; t <= batch.first[i + 1]; t++) {
      const end = t === batch.first[i + 1];
      const now = end ? batch.rewards[i] : value(t);
      if (!(now === 0 || now)) continue;
      if (from >= 0) {
        const by = now - value(from);
        const unsure = Math.hypot(error(from) || 0, end ? 0 : error(t) || 0);
        if (Math.abs(by) > 2 * unsure + SURE) found.push({ from, to: t, by });
      }
      from = t;
    }
  }
  return found;
}

// Credit for tokens from which on the true value no longer moves.
function decided(batch, e) {
  const value = batch.measures.mc_values;
  const share = shares(e);
  const error = batch.measures.mc_sem ?? (() => 0);
  const late = [];
  for (let i = 0; value && i < batch.samples; i++) {
    const end = batch.first[i + 1] - 1;
    const here = [];
    for (let t = end; t >= batch.first[i]; t--) {
      if (!(Math.abs(value(t) - value(end)) <= 2 * error(t) + SURE)) break;
      if (Math.abs(share(t)) > 0.25) here.push(t);
    }
    late.push(...here.reverse());
  }
  return runs(batch, `${e.name} credits what is already decided`, late, (t) => Math.abs(share(t)) / 2);
}

// The largest 0.1 %, if they lie beyond the limit.
function extreme(batch, e) {
  const { at, value } = e.beyond;
  const most = Math.max(1, Math.round(batch.tokens / 1000));
  const largest = [...at.keys()].sort((p, q) => Math.abs(value[q]) - Math.abs(value[p])).slice(0, most);
  const size = new Map(largest.map((k) => [at[k], Math.abs(value[k]) / e.scale]));
  const score = (t) => Math.min(0.99, 0.5 + size.get(t) / 20);
  return runs(batch, `${e.name} is far beyond its limit`, [...size.keys()].sort((p, q) => p - q), score);
}
