import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { numbersOf } from "../../explorer/view/card.js";
import { MASKED, unpack } from "../../explorer/view/wire.js";

const batch = unpack(new Uint8Array(readFileSync(`${process.env.BATCHES}/all.bin`)));
const names = batch.estimators.map(({ name }) => name);

test("the largest share of its own scale comes first, what has no number last, in the batch's order", () => {
  const masked = batch.estimators[0].strip.indexOf(MASKED);
  assert.deepEqual(numbersOf(batch, masked).map(({ estimator }) => estimator.name), names);
  const shares = numbersOf(batch, 0).map(({ share }) => share);
  assert.deepEqual(shares, shares.toSorted((p, q) => q - p));
  const strip = batch.estimators[0].strip.slice();
  strip[0] = MASKED;
  const one = { ...batch, estimators: [{ ...batch.estimators[0], strip }, ...batch.estimators.slice(1)] };
  assert.equal(numbersOf(one, 0).at(-1).estimator.name, names[0]);
});
