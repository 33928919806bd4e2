// Where to look: tokens at which something is wrong or estimators contradict each other, worst first.

import { lanesOf } from "./order.js";
import { memberRuns } from "./peers.js";
import { MASKED, within } from "./wire.js";

const EACH = 40; // of a kind, so that none hides the others
const LOUD = 0.1; // of the scale: below, a difference of sign says nothing
const SURE = 0.02; // of a reward: a smaller change of the true value is none

// Gives back [{text, sample, token, to, score}], runs of neighbours; `to` is the token after the last.
// Only completions of the lanes that are shown. A generator, since a large batch takes a while.
export function* surprises(batch, state) {
  const where = { batch, samples: lanesOf(batch, state).flatMap((lane) => lane.samples) };
  const [first, second] = [state.a, state.b].map((name) => batch.estimators.find((e) => e.name === name));
  const focused = state.split && second !== first ? [first, second] : [first];
  const kinds = [
    [leaked, batch.estimators],
    [strangers, batch.estimators],
    [opposed, focused.length > 1 ? [focused, [second, first]] : []],
    [contradicted, [focused]],
    [againstTruth, focused],
    [decided, focused],
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

function shares(e) {
  const table = Float32Array.from({ length: 256 }, (_, q) => (q - 128 === MASKED ? NaN : (q - 128) / 127));
  return (t) => table[e.strip[t] + 128];
}

const contrary = (p, q) => `${p.name} + but ${q.name} \u2212`;

// The worst runs of neighbours with a score and the same key; `text(key)` is said of them. Only the
// tokens of `list` are looked at, if there is one.
function* runs({ batch, samples }, text, score, { list = null, key = () => 0 } = {}) {
  let found = [];
  for (const sample of samples) {
    yield;
    const [from, end] = [batch.first[sample], batch.first[sample + 1]];
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

// Tokens that one makes more likely and the other less.
function opposed(where, [p, q]) {
  const [x, y] = [shares(p), shares(q)];
  return runs(where, () => contrary(p, q), (t) => (x(t) > LOUD && y(t) < -LOUD ? 1 + Math.min(x(t), -y(t)) : 0));
}

// Tokens that some estimator makes more likely and some other less: the two that do it most. What the
// focused ones say against each other is a kind of its own.
function* contradicted({ batch, samples }, focused) {
  const n = batch.tokens;
  const [top, low] = [new Int8Array(n), new Int8Array(n)];
  const [most, least] = [new Uint8Array(n), new Uint8Array(n)];
  for (const [k, { strip }] of batch.estimators.entries()) {
    for (const i of samples) {
      yield;
      for (let t = batch.first[i]; t < batch.first[i + 1]; t++) {
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
  const pair = (key) => [batch.estimators[key >> 8], batch.estimators[key & 255]];
  const key = (t) => (most[t] << 8) | least[t];
  const said = (t) => pair(key(t)).every((e) => focused.includes(e));
  const score = (t) => {
    const smaller = Math.min(top[t], -low[t]) / 127;
    return smaller > LOUD && !said(t) ? smaller : 0;
  };
  return yield* runs({ batch, samples }, (of) => contrary(...pair(of)), score, { key });
}

// Tokens whose credit has the other sign than what they did to the true value. Where it was measured
// at some places only, the tokens between two of them share one change.
function* againstTruth(where, e) {
  const share = shares(e);
  const change = new Float32Array(where.batch.measures.mc_values ? where.batch.tokens : 0);
  yield* changes(where, (from, to, by) => change.fill(by, from, to));
  const score = (t) => (share(t) * Math.sign(change[t]) < -LOUD ? 1 + Math.min(1, Math.abs(change[t])) * Math.abs(share(t)) : 0);
  const text = (up) => (up ? `${e.name} + but the truth \u2212` : `${e.name} \u2212 but the truth +`);
  return yield* runs(where, text, score, { key: (t) => share(t) > 0 });
}

// Calls `found(from, to, by)` where tokens [from, to) changed the true value by more than its error.
function* changes({ batch, samples }, found) {
  const value = batch.measures.mc_values;
  const error = batch.measures.mc_sem ?? (() => 0);
  for (const i of value ? samples : []) {
    yield;
    let from = -1;
    for (let t = batch.first[i]; t <= batch.first[i + 1]; t++) {
      const end = t === batch.first[i + 1];
      const now = end ? batch.rewards[i] : value(t);
      if (!(now === 0 || now)) continue;
      if (from >= 0) {
        const by = now - value(from);
        const unsure = Math.hypot(error(from) || 0, end ? 0 : error(t) || 0);
        if (Math.abs(by) > 2 * unsure + SURE) found(from, t, by);
      }
      from = t;
    }
  }
}

// Credit for tokens from which on the true value no longer moves.
function* decided(where, e) {
  const { batch, samples } = where;
  const value = batch.measures.mc_values;
  if (!value) return [];
  const share = shares(e);
  const error = batch.measures.mc_sem ?? (() => 0);
  const late = new Int32Array(batch.samples);
  for (const i of samples) {
    yield;
    const end = batch.first[i + 1] - 1;
    let t = end;
    while (t >= batch.first[i] && Math.abs(value(t) - value(end)) <= 2 * error(t) + SURE) t--;
    late[i] = t;
  }
  const score = (t) => (t > late[batch.sample[t]] && Math.abs(share(t)) > 0.25 ? Math.abs(share(t)) / 2 : 0);
  return yield* runs(where, () => `${e.name} credits what is already decided`, score);
}

// The largest 0.1 %, with all that are as large as the last of them.
function* extreme(where, e) {
  const { batch, samples } = where;
  const many = new Uint32Array(129); // tokens of each level, without its sign; masked ones come last
  for (const i of samples) {
    yield;
    for (let t = batch.first[i]; t < batch.first[i + 1]; t++) many[Math.abs(e.strip[t])]++;
  }
  let left = Math.max(1, Math.round(many.reduce((sum, n) => sum + n, 0) / 1000));
  const shown = new Set(samples);
  const { at, value } = e.beyond;
  const beyond = value.filter((_, k) => shown.has(batch.sample[at[k]])).map((x) => Math.abs(x) / e.scale);
  let least = beyond.sort().at(-left);
  if (!least) {
    let level = 128;
    while (left > 0 && level > 1) left -= many[--level];
    least = level / 127;
  }
  const size = (t) => {
    const level = Math.abs(e.strip[t]);
    return level < 127 ? level / 127 : Math.abs(e.beyond.find(t) ?? e.scale) / e.scale;
  };
  const score = (t) => (e.strip[t] !== MASKED && size(t) >= least ? Math.min(0.99, 0.5 + size(t) / 20) : 0);
  const text = (over) => `${e.name} is ${over ? "far beyond its limit" : "among its largest 0.1 %"}`;
  return yield* runs(where, text, score, { key: (t) => size(t) > 1 });
}
