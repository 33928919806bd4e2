import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { csvOf, npzOf } from "../../explorer/view/arrays.js";
import { layersOf as layered, rowBins } from "../../explorer/view/layers.js";
import { lanesOf, stratumOf, stripRows } from "../../explorer/view/order.js";
import { filledIn, plain, signed } from "../../explorer/view/numbers.js";
import { peersOf, sentence } from "../../explorer/view/peers.js";
import { binOf } from "../../explorer/view/scale.js";
import { known, published, repaired, startState } from "../../explorer/view/state.js";
import { summing } from "../../explorer/view/summed.js";
import { GRANULARITIES } from "../../explorer/view/units.js";
import { MASKED, advantage, unpack } from "../../explorer/view/wire.js";

const folder = process.env.BATCHES;
const opened = (name) => unpack(new Uint8Array(readFileSync(`${folder}/${name}.bin`)));
const batch = opened("all");
const state = startState(batch);
const layersOf = (of, asked) => {
  const job = summing(of, asked);
  while (!job.run(5));
  return layered(of, job.estimators(), asked);
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
    const stratum = stratumOf(named("bae"), lane);
    if (lane.samples.length) assert.ok(Math.abs(stratum.baseline - lane.mean) < 1e-6);
    else assert.equal(stratum, null);
    const group = stratumOf(named("grpo"), lane);
    assert.ok(Math.abs(group.baseline - named("grpo").strata[lane.group].baseline) < 1e-9);
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
  assert.match(sentence(batch, named("grpo"), 0), /with this one they average/);
  const critic = signed(named("gae").terms.baseline(0)).replace("+", "\\+");
  assert.match(sentence(batch, named("gae"), 0), new RegExp(`with ${critic}, and names no completions`));
  assert.match(sentence(batch, named("reinforce"), 0), /compares it with nothing/);
});

test("a formula gives back the number that stands before it", () => {
  for (const e of batch.estimators) {
    for (let t = 0; t < batch.tokens; t += 7) {
      const { value } = advantage(e, t);
      if (Number.isNaN(value)) continue;
      const text = filledIn(e, t, value).replaceAll("\u2212", "-").replaceAll("\u00d7", "*").replace(/--/g, "+");
      const got = Function(`return ${text}`)();
      assert.ok(Math.abs(got - value) <= 0.0051 * Math.abs(value) + 1e-9, `${e.name}: ${text} is ${plain(value)}`);
    }
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
  assert.ok(lines[1].startsWith("1,0,1,"));
  assert.ok(lines.every((line) => !/,[=@]/.test(line)));
  writeFileSync(`${folder}/saved.npz`, Buffer.from(await made(npzOf(batch)).arrayBuffer()));
  const lacking = opened("lacking");
  writeFileSync(`${folder}/lacking.npz`, Buffer.from(await made(npzOf(lacking)).arrayBuffer()));
  writeFileSync(`${folder}/lacking.csv`, await made(csvOf(lacking)).text());
  const rough = await made(csvOf(opened("rough"))).text();
  assert.deepEqual(rough.trimEnd().split("\n").slice(1).map((line) => line.split(",").at(-1)), ["about", "masked", "not measured", "not a number", "about"]);
  assert.ok(shares.length > 0 && shares.every((share) => share >= 0 && share <= 1));
});
