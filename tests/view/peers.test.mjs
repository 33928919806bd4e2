import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { sentence } from "../../explorer/view/peers.js";
import { MASKED, unpack } from "../../explorer/view/wire.js";

const batch = unpack(new Uint8Array(readFileSync(`${process.env.BATCHES}/all.bin`)));
const named = (name) => batch.estimators.find((e) => e.name === name);

test("where there is no number nothing is compared, and the sentence says why", () => {
  const e = named("gae");
  const masked = e.strip.indexOf(MASKED);
  assert.equal(sentence(batch, e, masked), "gae: masked, so there is nothing to compare.");
  const broken = { ...e, not_a_number: Int32Array.of(masked) };
  assert.equal(sentence(batch, broken, masked), "gae: not a number, so there is nothing to compare.");
  assert.equal(sentence(batch, named("reinforce"), 0), "reinforce compares it with nothing.");
  assert.match(sentence(batch, e, 0), /^gae compares it with \+0\.\d+, and names no completions/);
  assert.match(sentence(batch, named("grpo"), 0), /^grpo: compared with 7 completions of the same prompt;/);
});
