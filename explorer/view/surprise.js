// Where to look: tokens at which something is wrong or estimators contradict each other, worst first.

import { MASKED } from "./wire.js";

export const MOST = 200;
const LOUD = 0.1; // of the scale: below, a difference of sign says nothing

// [{text, sample, token, to, score}]: runs of neighbours, `to` is the token after the last.
export function surprises(batch, { a, b, split }) {
  const [first, second] = [a, b].map((name) => batch.estimators.find((e) => e.name === name));
  const found = batch.estimators.flatMap((e) =>
    runs(batch, `${e.name} credits a masked token`, marked(batch, e.leaks), () => 4),
  );
  if (split && second !== first) {
    const [x, y] = [shares(first), shares(second)];
    const size = (t) => 1 + Math.min(Math.abs(x(t)), Math.abs(y(t)));
    const opposite = (sign) => (t) => x(t) * sign > LOUD && y(t) * sign < -LOUD;
    found.push(...runs(batch, `${first.name} + but ${second.name} \u2212`, opposite(1), size));
    found.push(...runs(batch, `${first.name} \u2212 but ${second.name} +`, opposite(-1), size));
  }
  const x = shares(first);
  const size = (t) => Math.abs(x(t)) / 2;
  found.push(...runs(batch, `${first.name} credits what is already decided`, decided(batch, x), size));
  found.push(...extreme(batch, first));
  return found.sort((p, q) => q.score - p.score).slice(0, MOST);
}

function shares(e) {
  const table = Float32Array.from({ length: 256 }, (_, q) => (q - 128 === MASKED ? NaN : (q - 128) / 127));
  return (t) => table[e.strip[t] + 128];
}

function marked(batch, list) {
  const is = new Uint8Array(batch.tokens);
  for (const t of list) is[t] = 1;
  return (t) => is[t] === 1;
}

function runs(batch, text, is, score) {
  const found = [];
  for (let i = 0; i < batch.samples; i++) {
    const from = batch.first[i];
    let run = null;
    for (let t = from; t < batch.first[i + 1]; t++) {
      if (!is(t)) run = null;
      else if (run) {
        run.to = t - from + 1;
        run.score = Math.max(run.score, score(t));
      } else found.push((run = { text, sample: i, token: t - from, to: t - from + 1, score: score(t) }));
    }
  }
  return found;
}

// Credit for tokens from which on the true value no longer moves.
function decided(batch, share) {
  const value = batch.measures.mc_values;
  const is = new Uint8Array(batch.tokens);
  const error = batch.measures.mc_sem ?? (() => 0);
  for (let i = 0; value && i < batch.samples; i++) {
    const end = batch.first[i + 1] - 1;
    const last = value(end);
    for (let t = end; t >= batch.first[i]; t--) {
      if (!(Math.abs(value(t) - last) <= 2 * error(t) + 0.02)) break;
      if (Math.abs(share(t)) > 0.25) is[t] = 1;
    }
  }
  return (t) => is[t] === 1;
}

// The largest 0.1 %, if they lie beyond the limit.
function extreme(batch, e) {
  const most = Math.max(1, Math.round(batch.tokens / 1000));
  const top = [...e.beyond].sort((p, q) => Math.abs(q[1]) - Math.abs(p[1])).slice(0, most);
  const score = (t) => Math.min(0.99, 0.5 + Math.abs(e.beyond.get(t)) / e.scale / 20);
  return runs(batch, `${e.name} is far beyond its limit`, marked(batch, top.map(([t]) => t)), score);
}
