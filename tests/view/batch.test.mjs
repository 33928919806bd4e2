import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { csvOf, npzOf } from "../../explorer/view/arrays.js";
import { layersOf as layered, rowBins } from "../../explorer/view/layers.js";
import { baselineOf, lanesOf, stripRows } from "../../explorer/view/order.js";
import { peersOf, sentence } from "../../explorer/view/peers.js";
import { binOf } from "../../explorer/view/scale.js";
import { known, published, repaired, startState } from "../../explorer/view/state.js";
import { summing } from "../../explorer/view/summed.js";
import { surprises as searching } from "../../explorer/view/surprise.js";
import { GRANULARITIES } from "../../explorer/view/units.js";
import { MASKED, advantage, unpack } from "../../explorer/view/wire.js";

const folder = process.env.BATCHES;
const batch = unpack(new Uint8Array(readFileSync(`${folder}/all.bin`)));
const state = startState(batch);
const layersOf = (of, asked) => {
  const job = summing(of, asked);
  while (!job.run(5));
  return layered(of, job.estimators(), asked);
};
const surprises = (of, asked) => {
  for (const search = searching(of, asked); ; ) {
    const { done, value } = search.next();
    if (done) return value;
  }
};
const named = (name) => batch.estimators.find((e) => e.name === name);

test("by level and by value the bins agree", () => {
  const layers = layersOf(batch, state);
  for (const e of batch.estimators) {
    const layer = layers.get(e.name);
    for (let i = 0; i < batch.samples; i++) {
      rowBins(batch, layer, i).forEach((bin, k) => {
        const value = layer.value(batch.first[i] + k);
        assert.equal(bin, Number.isNaN(value) ? MASKED : binOf(value, layer.limit));
      });
    }
  }
});

test("the mean of a unit lies within its tokens", () => {
  for (const granularity of GRANULARITIES) {
    const layers = layersOf(batch, { ...state, granularity, how: "mean" });
    const e = named("gae");
    const layer = layers.get("gae");
    for (let t = 0; t < batch.tokens; t++) {
      assert.equal(Number.isNaN(layer.value(t)), e.strip[t] === MASKED);
      if (e.strip[t] !== MASKED) assert.ok(Math.abs(layer.value(t)) <= e.scale * 40);
    }
  }
});

test("lanes are prompts and outcomes, the empty ones too", () => {
  const lanes = lanesOf(batch, state);
  assert.equal(lanes.length, 4 * 2);
  assert.equal(lanes.reduce((n, lane) => n + lane.samples.length, 0), batch.samples);
  for (const lane of lanes) {
    const stratum = baselineOf(named("bae"), lane);
    if (lane.samples.length) assert.ok(Math.abs(stratum - lane.mean) < 1e-6);
    else assert.equal(stratum, null);
    const group = baselineOf(named("grpo"), lane);
    assert.ok(Math.abs(group - named("grpo").strata[lane.group].baseline) < 1e-9);
  }
  assert.equal(lanesOf(batch, { ...state, only: { group: 2, outcome: 1 } }).length, 1);
  const { rows, tall, height } = stripRows(lanes, 104);
  assert.equal(rows.length, batch.samples);
  rows.slice(1).forEach((row, k) => assert.ok(row.top >= rows[k].top + tall));
  assert.ok(height >= rows[rows.length - 1].top + tall);
});

test("peers share a class, and the sentence counts them", () => {
  const bae = named("bae");
  const late = batch.first[1] - 1;
  const { runs } = peersOf(batch, bae, late);
  const whom = [...new Set(runs.map((run) => run.sample))];
  for (const i of whom) {
    assert.equal(batch.group[i], batch.group[0]);
    assert.equal(batch.outcomes[i][1], batch.outcomes[0][1]);
  }
  const outcome = batch.names.outcomes[batch.outcomes[0][1]];
  assert.match(sentence(batch, bae, late), new RegExp(`compared with ${whom.length - 1} completions? that also .*${outcome}`));
  assert.match(sentence(batch, named("grpo"), 0), /compared with 7 completions of the same prompt/);
  assert.match(sentence(batch, named("gae"), 0), /an estimate of its own/);
  assert.match(sentence(batch, named("reinforce"), 0), /compares it with nothing/);
});

test("a planted fault is the first surprise", () => {
  assert.ok(surprises(batch, state).every((s) => !s.text.includes("masked")));
  const leaking = { ...batch, estimators: batch.estimators.map((e) => (e.name === "td" ? { ...e, leaks: [7, 8] } : e)) };
  const [first] = surprises(leaking, state);
  assert.deepEqual([first.text, first.sample, first.token, first.to], ["td credits a masked token", 0, 7, 9]);
  const flipped = { ...named("grpo"), name: "flipped", strip: named("grpo").strip.map((q) => (q === MASKED ? q : -q)) };
  const both = { ...batch, estimators: [named("grpo"), flipped] };
  const [worst] = surprises(both, { a: "grpo", b: "flipped", split: true });
  assert.match(worst.text, /grpo (\+|\u2212) but flipped/);
});

const only = (...estimators) => ({ ...batch, estimators });
const focused = (name, split = false) => ({ ...state, a: name, b: name, split });
const texts = (found) => found.map((s) => s.text);

test("peers of the wrong prompt are the first surprise", () => {
  const bae = named("bae");
  assert.ok(!texts(surprises(batch, state)).some((text) => /different prompts|not the mean/.test(text)));
  const strata = bae.strata.map((s, k) => (k === 3 ? { ...s, group: null } : s));
  const [worst] = surprises(only({ ...bae, strata }), focused("bae"));
  assert.equal(worst.text, "bae compares completions of different prompts");
  const { runs } = peersOf(batch, bae, batch.first[worst.sample] + worst.token);
  assert.deepEqual([runs[0].sample, runs[0].from], [worst.sample, worst.token]);
  // A class of the whole batch is meant so.
  const whole = { ...bae, strata: [{ ...bae.strata[0], group: null, block: null, outcome: null }] };
  assert.ok(!texts(surprises(only(whole), focused("bae"))).some((text) => /different prompts/.test(text)));
});

test("a baseline of other completions than the peers is the first surprise", () => {
  const grpo = named("grpo");
  const strata = grpo.strata.map((s) => ({ ...s, baseline: grpo.strata[(s.group + 1) % 4].baseline }));
  const [worst] = surprises(only({ ...grpo, strata }), focused("grpo"));
  assert.equal(worst.text, "grpo subtracts what is not the mean of its peers");
});

test("credit against the true value is found, at every token or between two that were measured", () => {
  const n = batch.lengths[0];
  const values = new Float32Array(batch.tokens).fill(NaN);
  values.set([0.25, 0.75], 4); // token 4 of completion 0 raised the value, the rest of it changed nothing
  const rewards = [0.75, ...batch.rewards.slice(1)];
  const measures = { mc_values: (t) => values[t], mc_sem: () => 0.01 };
  const strip = new Int8Array(batch.tokens).fill(127);
  strip[4] = -127;
  const e = { ...named("gae"), name: "x", strip, scale: 1, strata: null, leaks: [], beyond: named("bae").beyond };
  const found = surprises({ ...only(e), measures, rewards }, focused("x"));
  const against = found.filter((s) => /truth/.test(s.text));
  assert.deepEqual(against.map((s) => [s.text, s.sample, s.token, s.to]), [["x \u2212 but the truth +", 0, 4, 5]]);
  // The same measured at the start and in the middle: the tokens between share the change.
  values.fill(NaN);
  [values[0], values[10]] = [0.25, 0.75];
  const shared = surprises({ ...only({ ...e, strip: strip.map((_, t) => (t < n ? -127 : 0)) }), measures, rewards }, focused("x"));
  assert.deepEqual(shared.filter((s) => /truth/.test(s.text)).map((s) => [s.token, s.to]), [[0, 10]]);
});

test("credit for what is already decided is found", () => {
  const measures = { mc_values: (t) => (t - batch.first[batch.sample[t]] < 5 ? 0.25 : 1), mc_sem: () => 0 };
  const e = { ...named("gae"), name: "x", strip: new Int8Array(batch.tokens).fill(100), strata: null, leaks: [] };
  const late = surprises({ ...only(e), measures }, focused("x")).filter((s) => /already decided/.test(s.text));
  assert.equal(late.length, batch.samples);
  assert.ok(late.every((s) => s.token === 5 && s.to === batch.lengths[s.sample]));
});

test("the largest of a thousand are listed if they lie beyond the limit", () => {
  const heavy = named("heavy");
  const listed = surprises(only(heavy), focused("heavy")).filter((s) => /beyond its limit/.test(s.text));
  const sizes = [...heavy.beyond.value].map(Math.abs).sort((p, q) => q - p);
  const most = Math.round(batch.tokens / 1000);
  assert.ok(listed.length > 0 && listed.length <= most);
  for (const s of listed) {
    const size = Math.abs(heavy.beyond.find(batch.first[s.sample] + s.token));
    assert.ok(size >= sizes[most - 1]);
  }
});

test("what is garbled in a state is ignored, and the rest holds", () => {
  const junk = {
    a: 7, b: "gae", split: "yes", granularity: "galaxy", how: null, scope: "__proto__", limit: "1e400", lanes: [],
    only: { group: "0" }, pins: [{ sample: 1, token: 2 }, null], sample: -1, token: 1.5, palette: "constructor",
    expanded: { length: 9 }, step: "<b>", follow: 1, evil: true, whitespace: true,
  };
  assert.deepEqual(known(junk), { b: "gae", whitespace: true });
  assert.deepEqual(known(null), {});
  assert.deepEqual(startState(batch, junk), { ...startState(batch), b: "gae", whitespace: true });
  const far = startState(batch, { pins: [{ sample: 1, token: 2 }, { sample: 1, token: 1e9 }], sample: 3, token: 1e9 });
  assert.deepEqual([far.pins, far.sample], [[{ sample: 1, token: 2 }], null]);
});

test("brackets and totals: a unit has the sum of its tokens, what is masked stays so", () => {
  const units = summing(batch, { granularity: "step", how: "sum" });
  while (!units.run(5));
  const e = units.estimators().find((one) => one.name === "gae");
  assert.deepEqual([...e.starts], [...batch.segment]);
  e.starts.forEach((from, k) => {
    let sum = 0;
    for (let t = from; t < (e.starts[k + 1] ?? batch.tokens); t++) sum += advantage(named("gae"), t).value || 0;
    const first = [...Array(batch.tokens).keys()].find((t) => t >= from && named("gae").strip[t] !== MASKED);
    assert.ok(Math.abs(e.valueAt(first) - sum) < 1e-4);
  });
  for (let t = 0; t < batch.tokens; t++) assert.equal(e.strip[t] === MASKED, named("gae").strip[t] === MASKED);
});

test("a state survives the way to the host and back", () => {
  const kept = JSON.parse(JSON.stringify(published({ ...state, b: "gae", pins: [{ sample: 1, token: 2 }] })));
  assert.deepEqual(published(startState(batch, kept)), kept);
  const other = repaired(batch, { ...state, a: "gone", pins: [{ sample: 999, token: 0 }], only: { group: 77 } });
  assert.equal(other.a, batch.estimators[0].name);
  assert.deepEqual(other.pins, []);
  assert.equal(other.only, null);
});

test("files hold every token", async () => {
  const shares = [];
  const made = (work) => {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      shares.push(value);
    }
  };
  const lines = (await made(csvOf(batch)).text()).trimEnd().split("\n");
  assert.equal(lines.length, batch.tokens + 1);
  assert.ok(lines[1].startsWith("0,0,"));
  assert.ok(lines.every((line) => !/,[=@]/.test(line)));
  writeFileSync(`${folder}/saved.npz`, Buffer.from(await made(npzOf(batch)).arrayBuffer()));
  assert.ok(shares.length > 0 && shares.every((share) => share >= 0 && share <= 1));
});
