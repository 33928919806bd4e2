// What a screen reader is told of a change of the state.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newsOf } from "../../explorer/view/news.js";

const BEFORE = { a: "bae", b: "grpo", split: true, pins: [], only: null, expanded: [2], token: 3 };
const news = (part) => newsOf(BEFORE, { ...BEFORE, ...part });

test("nothing is said of what did not change, nor of a step to another token", () => {
  assert.equal(news({ token: 4 }), "");
});

test("estimators are named with their columns", () => {
  assert.equal(news({ a: "gae" }), "A gae, B grpo");
  assert.equal(news({ split: false }), "A bae");
});

test("a pin is told by its place, and how many there are", () => {
  const one = { sample: 0, token: 4 };
  const two = { sample: 5, token: 0 };
  assert.equal(news({ pins: [one] }), "pinned token 5 of completion 1");
  assert.equal(newsOf({ ...BEFORE, pins: [one] }, { ...BEFORE, pins: [one, two] }), "pinned token 1 of completion 6, 2 pins");
  assert.equal(newsOf({ ...BEFORE, pins: [one] }, BEFORE), "unpinned");
});

test("lanes and folds", () => {
  assert.equal(news({ only: { group: 0, outcome: 1 } }), "only this lane");
  assert.equal(news({ expanded: [] }), "completion 3 folded");
  assert.equal(news({ expanded: [2, 7] }), "all of completion 8");
});
