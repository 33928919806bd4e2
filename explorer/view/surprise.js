// Where to look: tokens at which something is wrong or estimators contradict each other, worst first.

import { lanesOf } from "./order.js";
import { memberRuns } from "./peers.js";
import { isNoise } from "./pixels.js";
import { MASKED, within } from "./wire.js";

const EACH = 40; // of a kind, so that none hides the others
const LOUD = 0.1; // of the scale: below, a difference of sign says nothing
const SURE = 0.02; // of a reward: a smaller change of the true value is none

// Gives back [{text, sample, token, to, score}], runs of neighbours; `to` is the token after the last.
// Only completions of the lanes that are shown. A generator, since a large batch takes a while.
export function* surprises(batch, state) {
  const estimators = batch.estimators.filter(({ name }) => !isNoise(name)); // which is no credit
  const [first, second] = [state.a, state.b].map((name) => estimators.find((e) => e.name === name));
  const focused = [first, state.split && second !== first && second].filter(Boolean);
  const { mc_values: value, mc_sem } = batch.measures;
  const samples = lanesOf(batch, state).flatMap((lane) => lane.samples);
  const where = { batch, samples, first: batch.first, focused, value, error: mc_sem ?? (() => 0) };
  const kinds = [
    [leaked, estimators],
    [strangers, estimators],
    [contradicted, [focused]],
    [contradicted, [estimators]],
    [againstTruth, value ? focused : []],
    [decided, value ? focused : []],
    [extreme, focused],
  ];
  const found = [];
  for (const [search, of] of kinds) {
    const here = [];
    for (const one of of) here.push(...(yield* search(where, one)));
    found.push(...worst(here));
  }
  return found.sort(byScore);
}

const byScore = (p, q) => q.score - p.score;

function worst(found) {
  return found.sort(byScore).slice(0, EACH);
}

function shares({ strip }) {
  return (t) => (strip[t] === MASKED ? NaN : strip[t] / 127);
}

// The worst runs of neighbours with a score and the same key; `text(key)` is said of them. Only the
// tokens of `list` are looked at, if there is one.
function* runs({ batch, samples, first }, text, score, { list, key = () => 0 } = {}) {
  let found = [];
  for (const sample of samples) {
    yield;
    const [from, end] = [first[sample], first[sample + 1]];
    const here = list && within(list, from, end);
    const many = here ? here.length : end - from;
    let run = null;
    for (let k = 0; k < many; k++) {
      const t = here ? here[k] : from + k;
      const size = score(t);
      if (!(size > 0)) continue;
      const token = t - from;
      const of = key(t);
      if (run?.to === token && run.of === of) {
        run.to++;
        run.score = Math.max(run.score, size);
      } else found.push((run = { text: text(of), sample, token, to: token + 1, score: size, of }));
    }
    if (found.length > 999) found = worst(found);
  }
  return worst(found);
}

function leaked(where, e) {
  return runs(where, () => `${e.name} credits a masked token`, () => 4, { list: Int32Array.from(e.leaks) });
}

// Classes of peers that are not who they should be. A class of several prompts is meant so if it is
// the only one of its block and outcome, as where the whole batch is the baseline.
function* strangers({ batch, samples }, e) {
  const alike = (s, other) => other !== s && other.block === s.block && other.outcome === s.outcome;
  const size = (x) => Math.max(1, Math.abs(x));
  const faults = (e.strata ?? []).map((s) => {
    if (s.group === null && e.strata.some((other) => alike(s, other))) return [s, "compares completions of different prompts"];
    const apart = s.mean !== null && s.baseline !== null && Math.abs(s.mean - s.baseline) > 1e-3 * size(s.mean);
    return apart ? [s, "subtracts what is not the mean of its peers"] : null;
  });
  const shown = new Set(samples);
  const found = [];
  for (const [s, text] of faults.filter(Boolean)) {
    yield;
    const run = memberRuns(batch, e.peers, s.class).find(({ sample }) => shown.has(sample));
    if (run) found.push({ text: `${e.name} ${text}`, sample: run.sample, token: run.from, to: run.to, score: 3 });
  }
  return found;
}

// Tokens that some estimator makes more likely and some other less: the two that do it most. What the
// focused ones say against each other is a kind of its own.
function* contradicted(where, among) {
  const { batch, samples, first, focused } = where;
  const [top, low] = [1, 1].map(() => new Int8Array(batch.tokens));
  const [most, least] = [top, low].map((of) => new Uint8Array(of.length));
  for (const [k, { strip }] of among.entries()) {
    for (const i of samples) {
      yield;
      for (let t = first[i]; t < first[i + 1]; t++) {
        const q = strip[t];
        if (q > top[t]) {
          top[t] = q;
          most[t] = k;
        } else if (q < low[t] && q !== MASKED) {
          low[t] = q;
          least[t] = k;
        }
      }
    }
  }
  const bonus = among === focused ? 1 : 0;
  const said = (t) => !bonus && [most, least].every((of) => focused.includes(among[of[t]]));
  const score = (t) => {
    const smaller = Math.min(top[t], -low[t]) / 127;
    return smaller > LOUD && !said(t) ? smaller + bonus : 0;
  };
  const text = (key) => `${among[key >> 8].name} + but ${among[key & 255].name} \u2212`;
  return yield* runs(where, text, score, { key: (t) => (most[t] << 8) | least[t] });
}

// Tokens whose credit has the other sign than what they did to the true value. Where it was measured
// at some places only, the tokens between two of them share one change.
function* againstTruth(where, e) {
  const { batch, samples, first, value, error } = where;
  const share = shares(e);
  const change = new Float32Array(batch.tokens);
  for (const i of samples) {
    yield;
    let from = -1;
    for (let t = first[i]; t <= first[i + 1]; t++) {
      const end = t === first[i + 1];
      const now = end ? batch.rewards[i] : value(t);
      if (!(now === 0 || now)) continue;
      if (from >= 0) {
        const by = now - value(from);
        const unsure = Math.hypot(error(from) || 0, end ? 0 : error(t) || 0);
        if (Math.abs(by) > 2 * unsure + SURE) change.fill(by, from, t);
      }
      from = t;
    }
  }
  const score = (t) => (share(t) * Math.sign(change[t]) < -LOUD ? 1 + Math.min(1, Math.abs(change[t])) * Math.abs(share(t)) : 0);
  const text = (up) => `${e.name} ${up ? "+ but the truth \u2212" : "\u2212 but the truth +"}`;
  return yield* runs(where, text, score, { key: (t) => share(t) > 0 });
}

// Credit for tokens from which on the true value no longer moves.
function* decided(where, e) {
  const { batch, samples, first, value, error } = where;
  const share = shares(e);
  const late = new Int32Array(batch.samples);
  for (const i of samples) {
    yield;
    const end = first[i + 1] - 1;
    let t = end;
    while (t >= first[i] && Math.abs(value(t) - value(end)) <= 2 * error(t) + SURE) t--;
    late[i] = t;
  }
  const score = (t) => (t > late[batch.sample[t]] && Math.abs(share(t)) > 0.25 ? Math.abs(share(t)) / 2 : 0);
  return yield* runs(where, () => `${e.name} credits what is already decided`, score);
}

// The largest 0.1 %: at most so many runs as these are tokens, from the levels that hold them.
function* extreme(where, { name, strip, scale, beyond }) {
  const { batch, samples, first } = where;
  const many = new Uint32Array(129); // tokens of each level, without its sign; masked ones come last
  for (const i of samples) {
    yield;
    for (let t = first[i]; t < first[i + 1]; t++) many[Math.abs(strip[t])]++;
  }
  const most = Math.max(1, Math.round(many.reduce((sum, n) => sum + n) / 1000));
  let least = 128;
  for (let left = most; left > 0 && least > 1; ) left -= many[--least];
  const size = (t) => Math.abs(beyond.find(t) ?? (strip[t] * scale) / 127) / scale;
  const score = (t) => (strip[t] !== MASKED && Math.abs(strip[t]) >= least ? 1 - 1 / (1 + size(t)) : 0);
  const text = (over) => `${name} is ${over ? "far beyond its limit" : "among its largest 0.1 %"}`;
  return (yield* runs(where, text, score, { key: (t) => size(t) > 1 })).slice(0, most);
}
