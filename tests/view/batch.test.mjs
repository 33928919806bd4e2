import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { csvOf, npzOf } from "../../explorer/view/arrays.js";
import { difference } from "../../explorer/view/difference.js";
import { layersOf as layered, rowBins } from "../../explorer/view/layers.js";
import { baselineOf, lanesOf, stripRows } from "../../explorer/view/order.js";
import { peersOf, sentence } from "../../explorer/view/peers.js";
import { binOf } from "../../explorer/view/scale.js";
import { known, published, repaired, startState } from "../../explorer/view/state.js";
import { summing } from "../../explorer/view/summed.js";
import { surprises as searching } from "../../explorer/view/surprise.js";
import { GRANULARITIES } from "../../explorer/view/units.js";
import { MASKED, unpack } from "../../explorer/view/wire.js";

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

test("the total of a completion is the same in every unit", () => {
  const total = (layer, starts) => {
    // Each unit once: the sum of a unit stands on all its tokens.
    const sums = new Float64Array(batch.samples);
    for (let t = 0; t < batch.tokens; t++) if (starts(t)) sums[batch.sample[t]] += layer.value(t);
    return sums;
  };
  const tokens = layersOf(batch, state).get("gae");
  const wanted = new Float64Array(batch.samples);
  for (let t = 0; t < batch.tokens; t++) wanted[batch.sample[t]] += tokens.value(t) || 0;
  const blocks = layersOf(batch, { ...state, granularity: "block" }).get("gae");
  const seen = new Set();
  const first = (t) => {
    const key = `${batch.sample[t]} ${batch.blockOf(t)}`;
    if (Number.isNaN(blocks.value(t)) || seen.has(key)) return false;
    return Boolean(seen.add(key));
  };
  total(blocks, first).forEach((sum, i) => assert.ok(Math.abs(sum - wanted[i]) < 1e-3, `${sum} ${wanted[i]}`));
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

test("one scale for all is the widest, a locked one is what was asked", () => {
  const all = layersOf(batch, { ...state, scope: "all" });
  const widest = Math.max(...batch.estimators.map((e) => e.scale));
  for (const layer of all.values()) assert.equal(layer.limit, widest);
  const locked = layersOf(batch, { ...state, scope: "locked", limit: 0.3 });
  for (const layer of locked.values()) assert.equal(layer.limit, 0.3);
  const own = layersOf(batch, { ...state, scope: "completion" }).get("gae");
  for (let i = 0; i < batch.samples; i++) {
    const sizes = Array.from({ length: batch.lengths[i] }, (_, k) => Math.abs(own.value(batch.first[i] + k)) || 0);
    assert.ok(Math.abs(own.limitIn(i) - (Math.max(...sizes) || 1)) < 1e-6);
  }
});

test("an estimator does not differ from itself", () => {
  const { levels } = difference(named("grpo"), named("grpo"));
  assert.ok(levels.every((level, t) => level === (named("grpo").strip[t] === MASKED ? MASKED : 0)));
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

test("a state survives the way to the host and back", () => {
  const kept = JSON.parse(JSON.stringify(published({ ...state, b: "gae", pins: [{ sample: 1, token: 2 }] })));
  assert.deepEqual(published(startState(batch, kept)), kept);
  const other = repaired(batch, { ...state, a: "gone", pins: [{ sample: 999, token: 0 }], only: { group: 77 } });
  assert.equal(other.a, batch.estimators[0].name);
  assert.deepEqual(other.pins, []);
  assert.equal(other.only, null);
});

test("files hold every token", async () => {
  const lines = csvOf(batch).trimEnd().split("\n");
  assert.equal(lines.length, batch.tokens + 1);
  assert.ok(lines[1].startsWith("0,0,"));
  assert.ok(lines.every((line) => !/,[=@]/.test(line)));
  writeFileSync(`${folder}/saved.npz`, Buffer.from(await npzOf(batch).arrayBuffer()));
});
