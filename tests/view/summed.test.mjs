import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { advantages } from "../../explorer/view/exact.js";
import { summing } from "../../explorer/view/summed.js";
import { GRANULARITIES } from "../../explorer/view/units.js";
import { MASKED, advantage, unpack } from "../../explorer/view/wire.js";

const folder = process.env.BATCHES;
const unpacked = (name) => unpack(new Uint8Array(readFileSync(`${folder}/${name}.bin`)));
const truth = JSON.parse(readFileSync(`${folder}/true.json`));
const [all, some] = [unpacked("all"), unpacked("some")];

function added(batch, granularity, how = "sum") {
  const job = summing(batch, { granularity, how });
  while (!job.run(5));
  return job.estimators();
}

// [first token, sum, sum of sizes, tokens] of every unit that got credit.
function* unitsOf(batch, e) {
  for (const [k, from] of e.starts.entries()) {
    let [first, sum, size, n] = [-1, 0, 0, 0];
    for (let t = from; t < (e.starts[k + 1] ?? batch.tokens); t++) {
      if (e.strip[t] === MASKED) continue;
      if (first < 0) first = t;
      sum += truth[e.name][t];
      size += Math.abs(truth[e.name][t]);
      n++;
    }
    if (n) yield { first, sum, size, n };
  }
}

test("sums and means of units are those of the numbers themselves", () => {
  for (const granularity of GRANULARITIES.slice(1)) {
    const means = added(all, granularity, "mean");
    for (const [j, e] of added(all, granularity).entries()) {
      for (const { first, sum, size, n } of unitsOf(all, e)) {
        const off = `${e.name} ${granularity} ${first}: ${e.valueAt(first)}, exactly ${sum}`;
        assert.ok(Math.abs(e.valueAt(first) - sum) <= 1e-6 * Math.max(1, size), off);
        assert.ok(Math.abs(means[j].valueAt(first) - sum / n) <= 1e-6 * Math.max(1, size / n), off);
      }
    }
  }
});

test("the total of a completion is the same in every unit, to the last digit that is shown", () => {
  for (const granularity of GRANULARITIES.slice(1)) {
    for (const e of added(all, granularity)) {
      const [totals, wanted, sizes] = [0, 1, 2].map(() => new Float64Array(all.samples));
      for (const { first } of unitsOf(all, e)) totals[all.sample[first]] += e.valueAt(first);
      for (let t = 0; t < all.tokens; t++) {
        if (e.strip[t] === MASKED) continue;
        wanted[all.sample[t]] += truth[e.name][t];
        sizes[all.sample[t]] += Math.abs(truth[e.name][t]);
      }
      totals.forEach((sum, i) => assert.ok(Math.abs(sum - wanted[i]) <= 1e-6 * Math.max(1, sizes[i])));
    }
  }
});

test("where terms stayed behind a sum is known to half a level a token, elsewhere exactly", () => {
  for (const [j, e] of added(some, "step").entries()) {
    for (const { first, sum, size, n } of unitsOf(some, e)) {
      const sent = some.place(first) >= 0;
      assert.equal(sent, [0, 5].includes(some.sample[first]));
      const within = sent ? 1e-6 * Math.max(1, size) : (n * some.estimators[j].scale) / 253;
      assert.ok(Math.abs(e.valueAt(first) - sum) <= within, `${e.name} ${first}`);
    }
  }
});

function outcome(work) {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

test("all at once it is what it is token by token", () => {
  for (const batch of [all, some]) {
    for (const e of batch.estimators) {
      outcome(advantages(batch, e)).forEach((value, t) => {
        const wanted = advantage(e, t).value;
        assert.equal(Number.isNaN(value), Number.isNaN(wanted));
        assert.ok(!(Math.abs(value - wanted) > 1e-6 * Math.abs(wanted)), `${e.name} ${t}`);
      });
    }
  }
});
