import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { lanesOf } from "../../explorer/view/order.js";
import { peersOf } from "../../explorer/view/peers.js";
import { startState } from "../../explorer/view/state.js";
import { surprises as searching } from "../../explorer/view/surprise.js";
import { MASKED, listed, unpack } from "../../explorer/view/wire.js";

const batch = unpack(new Uint8Array(readFileSync(`${process.env.BATCHES}/all.bin`)));
const state = startState(batch);
const surprises = (of, asked) => {
  for (const search = searching(of, asked); ; ) {
    const { done, value } = search.next();
    if (done) return value;
  }
};
const named = (name) => batch.estimators.find((e) => e.name === name);
const only = (...estimators) => ({ ...batch, estimators });
const focused = (name, split = false) => ({ ...state, a: name, b: name, split });
const texts = (found) => found.map((s) => s.text);
// An estimator with these levels at some tokens, 1 everywhere else.
const levelled = (name, levels) => {
  const strip = new Int8Array(batch.tokens).fill(1);
  for (const [t, q] of Object.entries(levels)) strip[t] = q;
  return { ...named("gae"), name, strip, scale: 1, strata: null, leaks: [], beyond: listed(new Int32Array(), new Float32Array()) };
};

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

test("the largest of a thousand are listed, beyond the limit", () => {
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

test("the largest of a thousand are listed within the limit too, of B as of A", () => {
  assert.equal(Math.round(batch.tokens / 1000), 2);
  const [a, b] = [levelled("a", { 7: 100, 8: -120, 40: 90 }), levelled("b", { 9: 99, 50: -98, 60: 97 })];
  const found = surprises({ ...only(a, b), measures: {} }, { ...state, a: "a", b: "b", split: true });
  const largest = found.filter((s) => /among its largest/.test(s.text));
  assert.deepEqual(largest.map((s) => [s.text[0], s.token, s.to]), [["a", 7, 9], ["b", 9, 10], ["b", 50, 51]]);
});

test("tokens that some other two contradict each other at, and which two", () => {
  const three = [levelled("a", { 3: 127, 9: 100 }), levelled("b", { 3: 64, 4: -60, 9: -90 }), levelled("c", { 3: -32, 4: 100, 5: 12, 9: -80 })];
  const contrary = (asked) => surprises({ ...only(...three), measures: {} }, { ...state, ...asked }).filter((s) => / but /.test(s.text));
  const alone = contrary({ a: "a", b: "b", split: false });
  assert.deepEqual(alone.map((s) => [s.text, s.token, s.to]), [["a + but b \u2212", 9, 10], ["c + but b \u2212", 4, 5], ["a + but c \u2212", 3, 4]]);
  assert.ok(Math.abs(alone[1].score - 60 / 127) < 1e-6);
  // What A and B say against each other is listed once.
  const both = contrary({ a: "a", b: "b", split: true });
  assert.deepEqual(both.map((s) => s.text), alone.map((s) => s.text));
  assert.ok(both[0].score > 1);
});

test("one kind does not hide the others, and each ends with its lane", () => {
  const n = batch.tokens;
  const zigzag = (sign) => levelled("x", Object.fromEntries(Array.from({ length: n }, (_, t) => [t, t % 2 ? 100 * sign : 0])));
  const e = { ...zigzag(-1), name: "y", leaks: Array.from({ length: n >> 2 }, (_, k) => 4 * k) };
  const found = surprises({ ...only(zigzag(1), e), measures: {} }, { ...state, a: "x", b: "y", split: true });
  const many = (pattern) => found.filter((s) => pattern.test(s.text)).length;
  assert.deepEqual([many(/masked/), many(/but/), many(/largest/)], [40, 40, 4]);
  const lane = lanesOf(batch, state).find((one) => one.samples.length);
  const kept = surprises(batch, { ...state, only: { group: lane.group, outcome: lane.outcome } });
  assert.ok(kept.length > 0);
  assert.ok(kept.every((s) => lane.samples.includes(s.sample)));
});

test("noise is no credit, so it contradicts nobody", () => {
  const noisy = [levelled("grpo", { 3: 127 }), levelled("noise of grpo", { 3: -127 })];
  const against = (name) => texts(surprises(only(noisy[0], { ...noisy[1], name }), { ...state, a: "grpo", b: name, split: true }));
  assert.ok(against("other").some((text) => text.includes("grpo + but other")));
  assert.ok(!against("noise of grpo").some((text) => text.includes("noise")));
});
