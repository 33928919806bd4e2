import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { advantage, levelValue, runAt, unpack } from "../../explorer/view/wire.js";

const folder = process.env.BATCHES;
const bytes = (name) => new Uint8Array(readFileSync(`${folder}/${name}.bin`));
const truth = JSON.parse(readFileSync(`${folder}/true.json`));
const all = unpack(bytes("all"));

test("the terms give the estimator's own number", () => {
  for (const e of all.estimators) {
    for (let t = 0; t < all.tokens; t++) {
      const { value, exact } = advantage(e, t);
      if (Number.isNaN(value)) continue;
      assert.ok(exact);
      const size = Math.max(1, Math.abs(truth[e.name][t]));
      assert.ok(Math.abs(value - truth[e.name][t]) <= 1e-6 * size, `${e.name} ${t}`);
    }
  }
});

test("a level has the right sign and is within S / 254", () => {
  for (const e of all.estimators) {
    for (let t = 0; t < all.tokens; t++) {
      const value = levelValue(e.strip[t], e.scale);
      if (Number.isNaN(value)) continue;
      assert.equal(Math.sign(value), Math.sign(Math.fround(truth[e.name][t])) + 0); // -0 is 0
      if (Math.abs(truth[e.name][t]) > e.scale) assert.ok(e.beyond.find(t) !== undefined);
      else assert.ok(Math.abs(value - truth[e.name][t]) <= (e.scale / 254) * 1.00001);
    }
  }
});

test("a completion whose terms stayed behind is known to half a level", () => {
  const some = unpack(bytes("some"));
  const e = some.estimators.find((one) => one.name === "gae");
  assert.equal(advantage(e, some.first[5]).exact, true);
  assert.equal(advantage(e, some.first[1]).exact, false);
  assert.ok(Math.abs(advantage(e, some.first[1]).value - truth.gae[some.first[1]]) <= e.scale / 254);
});

test("pieces come back", () => {
  const pieces = JSON.parse(readFileSync(`${folder}/pieces.json`));
  const got = Array.from({ length: all.samples }, (_, i) => all.pieces(i)).flat();
  assert.deepEqual(got, pieces);
});

test("bytes at any offset are read", () => {
  const source = bytes("all");
  const moved = new Uint8Array(source.length + 3);
  moved.set(source, 3);
  const view = new DataView(moved.buffer, 3, source.length);
  assert.deepEqual(unpack(view).lengths, all.lengths);
});

test("what is wrong is named", () => {
  assert.throws(() => unpack(new Uint8Array(2)), /payload/);
  assert.throws(() => unpack(bytes("all").slice(0, 40)), /payload: its header/);
  assert.throws(() => unpack(bytes("all").slice(0, -200)), /\w+: .* do not fit/);
  const text = new TextDecoder().decode(bytes("all"));
  assert.match(text.slice(4, 60), /"version":1/);
  const newer = bytes("all");
  newer[newer.indexOf("1".charCodeAt(0), 4)] = "9".charCodeAt(0);
  assert.throws(() => unpack(newer), /version: this view reads version 1, the data has 9/);
});

test("runs are found by their start", () => {
  assert.deepEqual([0, 1, 4, 5, 9].map((t) => runAt([0, 4, 5], t)), [0, 0, 1, 2, 2]);
});
