import assert from "node:assert/strict";
import { test } from "node:test";

import { isDark } from "../../explorer/view/theme.js";
import { BEYOND, PALETTES, STEPS, alphaOf, binOf, tableFor } from "../../explorer/view/scale.js";
import { MASKED } from "../../explorer/view/wire.js";

test("zero is zero, what is not zero is seen, what is beyond is marked", () => {
  assert.equal(binOf(0, 1), 0);
  assert.equal(binOf(1e-12, 1), 1);
  assert.equal(binOf(-1e-12, 1), -1);
  assert.equal(binOf(1, 1), STEPS);
  assert.equal(binOf(-1.01, 1), -BEYOND);
  assert.equal(binOf(NaN, 1), MASKED);
});

test("opposite values get opposite bins", () => {
  for (let v = 0; v < 2; v += 0.013) assert.equal(binOf(-v, 0.7) + binOf(v, 0.7), 0);
});

test("a table agrees with the numbers its levels stand for", () => {
  const table = tableFor(2);
  assert.equal(table[0], MASKED);
  assert.equal(table[128], 0);
  assert.equal(table[128 + 127], STEPS / 2);
  assert.equal(table[128 - 127], -STEPS / 2);
});

test("colour grows with the value and stays under the cap", () => {
  for (const palette of Object.values(PALETTES)) {
    let last = 0;
    for (let bin = 1; bin <= STEPS; bin++) {
      assert.ok(alphaOf(bin, palette) > last);
      assert.equal(alphaOf(bin, palette), alphaOf(-bin, palette));
      last = alphaOf(bin, palette);
    }
    assert.ok(Math.abs(last - palette.cap) < 1e-9);
    assert.ok(alphaOf(1, palette) >= 0.05);
  }
});

test("dark is dark", () => {
  assert.equal(isDark("rgb(14, 17, 23)"), true);
  assert.equal(isDark("rgb(255, 255, 255)"), false);
});
