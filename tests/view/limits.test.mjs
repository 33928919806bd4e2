import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { difference } from "../../explorer/view/difference.js";
import { faultsIn, layersOf, sharedLimit } from "../../explorer/view/layers.js";
import { limitOf } from "../../explorer/view/limits.js";
import { BEYOND, STEPS, binOf } from "../../explorer/view/scale.js";
import { startState } from "../../explorer/view/state.js";
import { MASKED, listed, unpack } from "../../explorer/view/wire.js";

const batch = unpack(new Uint8Array(readFileSync(`${process.env.BATCHES}/all.bin`)));
const truth = JSON.parse(readFileSync(`${process.env.BATCHES}/true.json`));
const state = startState(batch);
const named = (name) => batch.estimators.find((e) => e.name === name);

// The sizes that are not zero, of some tokens under one estimator.
const sizesOf = (e, from, to) =>
  truth[e.name].slice(from, to).filter((x, k) => x && e.strip[from + k] !== MASKED).map(Math.abs);
// The smallest that holds 99 % of them.
const percentile = (sizes) => sizes.sort((p, q) => p - q)[Math.ceil(0.99 * sizes.length) - 1];

test("the limit holds 99 % of what is not zero", () => {
  const values = Float32Array.from({ length: 2000 }, (_, k) => (k < 1000 ? 0 : (k - 999) * (k % 2 ? 1 : -1)));
  const limit = limitOf(values);
  assert.ok(limit >= 990 && limit <= 994, String(limit));
  assert.equal(limitOf(new Float32Array(5)), 1);
  const inside = [...values].filter((x) => x && Math.abs(x) <= limit).length;
  assert.ok(inside >= 990);
});

test("one scale for all is the 99th percentile of all, not the largest of theirs", () => {
  const sizes = batch.estimators.flatMap((e) => sizesOf(e, 0, batch.tokens));
  const wanted = percentile(sizes);
  const widest = Math.max(...batch.estimators.map((e) => e.scale));
  assert.ok(wanted < 0.9 * widest);
  for (const { limit } of layersOf(batch, batch.estimators, { ...state, scope: "all" }).values()) {
    assert.ok(Math.abs(limit - wanted) <= 0.01 * wanted + widest / 254, `${limit}, exactly ${wanted}`);
  }
});

test("the limit of a completion holds 99 % of it", () => {
  const layers = layersOf(batch, batch.estimators, { ...state, scope: "completion" });
  for (const e of batch.estimators) {
    for (let i = 0; i < batch.samples; i++) {
      const limit = layers.get(e.name).limitIn(i);
      const wanted = percentile(sizesOf(e, batch.first[i], batch.first[i + 1])) ?? 1;
      assert.ok(Math.abs(limit - wanted) <= e.scale / 253, `${e.name} ${i}: ${limit}, exactly ${wanted}`);
    }
  }
});

test("one loud token in two hundred does not set the limit of its completion", () => {
  const strip = new Int8Array(200).fill(64);
  [strip[0], strip[1]] = [127, -127];
  const one = { samples: 1, tokens: 200, first: [0, 200], sample: new Int32Array(200) };
  const limitIn = (beyond) => {
    const e = { name: "x", strip, scale: 1, beyond: listed(Int32Array.from(beyond.keys()), Float32Array.from(beyond)) };
    return layersOf(one, [e], { scope: "completion" }).get("x").limitIn(0);
  };
  assert.ok(Math.abs(limitIn([]) - 63.5 / 127) < 1e-6);
  assert.ok(Math.abs(limitIn([5, Infinity]) - 63.5 / 127) < 1e-6);
  strip[2] = 127;
  assert.equal(limitIn([4, -9, 2]), 2);
});

test("a locked limit is what was asked", () => {
  const layers = layersOf(batch, batch.estimators, { ...state, scope: "locked", limit: 0.3 });
  for (const layer of layers.values()) assert.equal(layer.limit, 0.3);
});

test("an estimator does not differ from itself", () => {
  const { levels } = difference(named("grpo"), named("grpo"));
  assert.ok(levels.every((level, t) => level === (named("grpo").strip[t] === MASKED ? MASKED : 0)));
});

const made = (levels, beyond = [], scale = 2, faults = []) => ({
  strip: Int8Array.from(levels),
  scale,
  not_a_number: Int32Array.from(faults),
  beyond: listed(Int32Array.from(beyond.keys()), Float32Array.from(beyond)),
});

test("what rounding can explain is no difference, and a few levels are never full colour", () => {
  const of = (a, b) => difference(made(a), made(b));
  assert.deepEqual([...of([5, -5, 127, 0], [4, -6, 126, 0]).levels], [0, 0, 0, 0]);
  // A sign and a zero are known exactly.
  const { levels, limit } = of([1, 1, 0], [-1, 0, 1]);
  assert.ok(limit >= 4 / 127);
  assert.deepEqual([...levels].map(Math.sign), [1, 1, -1]);
  assert.ok([...levels].every((bin) => Math.abs(bin) <= STEPS / 4));
  const near = difference(made([127], [2.002]), made([127]));
  assert.deepEqual([...near.over().value], [0]);
  assert.ok(of([100, 3], [20, 3]).limit > 0.6);
});

test("a limit that A and B share holds for their difference too, in the numbers' own unit", () => {
  const [a, b] = [made([127, 64, 127, 0], [3], 2), made([127, -127, 127, -32], [1.5], 1)];
  const own = difference(a, b);
  assert.deepEqual([own.levels[2], own.says], [0, "each in units of its own scale"]);
  const { levels, limit, over, says } = difference(a, b, 2);
  assert.deepEqual([limit, says], [2, "of the numbers themselves"]);
  // Levels stand for 1.992, 1 and 1.992 of A, 0.996, -0.996, 0.996 and -0.248 of B.
  assert.deepEqual([...levels].slice(1), [binOf(1.996, 2), binOf(0.996, 2), binOf(0.248, 2)]);
  assert.deepEqual([[...over().at], [...over().value]], [[0], [binOf(1.5, 2)]]);
  assert.equal(difference(a, b, 0.5).levels[2], BEYOND);
  assert.equal(difference(a, b).limit, own.limit);
  // What both levels leave open is no difference, whatever the units.
  assert.deepEqual([...difference(made([64, 64]), made([127, 125], [], 1), 2).levels], [0, 1]);
});

test("A minus B is not a number where either is none, which is not masked", () => {
  const layer = difference(made([MASKED, MASKED, 5], [], 2, [0]), made([3, MASKED, MASKED], [], 2, [2]));
  assert.deepEqual([...layer.levels], [MASKED, MASKED, MASKED]);
  assert.deepEqual([...faultsIn(layer, 0, 3)], [0, 2]);
});

test("only one scale for all and a locked one are a shared limit", () => {
  const shared = (scope) => sharedLimit(layersOf(batch, batch.estimators, { ...state, scope, limit: 0.3 }), { scope });
  assert.deepEqual([shared("estimator"), shared("completion"), shared("locked")], [0, 0, 0.3]);
  assert.ok(shared("all") > 0);
});
