import assert from "node:assert/strict";
import { test } from "node:test";

import { filledIn, formula, percent, plain, signed } from "../../explorer/view/numbers.js";
import { bytesOf, isSpecial, lineOf, rawBetween, shown, shownPlaces, tokenAt } from "../../explorer/view/tokens.js";

test("three digits, and always a sign", () => {
  assert.equal(signed(0.123456), "+0.123");
  assert.equal(signed(-1234.5), "\u22121230");
  assert.equal(signed(0), "0");
  assert.equal(plain(0.000012345), "1.23e\u22125");
  assert.equal(plain(-2.5e9), "\u22122.50e9");
  assert.equal(plain(NaN), "not measured");
  assert.equal(plain(Infinity), "\u221e");
  assert.equal(percent(0.0322), "3.2 %");
  assert.equal(percent(0.00001), "<0.1 %");
});

test("a formula has the terms that the estimator uses", () => {
  const shape = { baseline: true, scale: true, weight: false, bonus: false };
  assert.equal(formula(shape), "A = (target \u2212 baseline) / scale");
  const e = (values) => ({ shape, terms: Object.fromEntries(Object.entries(values).map(([k, v]) => [k, () => v])) });
  const terms = { target: 1, baseline: 0.375, scale: 0.5, weight: 1, bonus: 0 };
  assert.equal(filledIn(e(terms), 0, 1.25), "(1 \u2212 0.375) / 0.5");
  const near = { ...terms, target: 0.98943, baseline: 1.01853, scale: 1 };
  assert.equal(filledIn(e(near), 0, -0.0291), "(0.98943 \u2212 1.01853) / 1");
  assert.equal(filledIn(e({ ...terms, baseline: -0.5 }), 0, 3), "(1 \u2212 (\u22120.5)) / 0.5");
  assert.equal(filledIn(e({ ...terms, target: NaN }), 0, NaN), null);
  const rest = { baseline: false, scale: false, weight: true, bonus: true };
  assert.equal(formula(rest), "A = weight \u00d7 target + bonus");
});

test("a line break is seen, and invisible signs are spelt out", () => {
  assert.equal(shown("a\n", false), "a\u21b5\n");
  assert.equal(shown("\r\n", false), "\u21b5\n");
  assert.equal(shown("\t", false), "\u2192\t");
  assert.equal(shown("\u0000", false), "\u2400");
  assert.equal(shown("\u202e", false), "\u2039U+202E\u203a");
  assert.equal(shown("a b", true), "a\u00b7\u200bb");
  assert.equal(shown("<b>", false), "<b>");
  for (const sign of ["\u200e", "\u200f", "\u061c", "\u00ad", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0", "\ud800", "\u{e0041}"]) {
    assert.equal(shown(`a${sign}`, false), `a\u2039U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u203a`);
  }
  // What joins emoji and letters stays: a family, a red heart, the flag of Wales, Persian, Hindi.
  const wales = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}";
  for (const text of ["\u{1f468}\u200d\u{1f467}", "\u2764\ufe0f", wales, "\u0645\u06cc\u200c\u062e", "\u0915\u094d\u200d\u0937"]) {
    assert.equal(shown(text, false), text);
  }
});

test("special tokens are known by their shape", () => {
  for (const piece of ["<eos>", "<|im_end|>", "</answer>", "[PAD]"]) assert.ok(isSpecial(piece), piece);
  for (const piece of ["<", "a<b", "< 3>", "[pad]"]) assert.ok(!isSpecial(piece), piece);
});

test("tokens that share a letter are one cell", () => {
  // Four tokens spell one emoji; the text comes with the last of them.
  const line = lineOf(["a", "", "", "\u{1f600}", "b"], false);
  assert.deepEqual([...line.cell], [0, 1, 1, 1, 4]);
  // A woman, a joiner and a rocket are one sign.
  assert.deepEqual([...lineOf(["\u{1f469}", "\u200d", "\u{1f680}", "!"], false).cell], [0, 0, 0, 3]);
  // A letter and its accent.
  assert.deepEqual([...lineOf(["e", "\u0301", "x"], false).cell], [0, 0, 2]);
  // Nothing after the last letter belongs to it.
  assert.deepEqual([...lineOf(["a", ""], false).cell], [0, 0]);
});

test("copying gives what was written", () => {
  const line = lineOf(["one two", "\n", "\t", "three"], true);
  assert.equal(rawBetween(line, 0, line.text.length), "one two\n\tthree");
  assert.equal(rawBetween(lineOf(["one ", "two"], false), 1, 5), "ne t");
  assert.equal(tokenAt(line, line.start[3]), 3);
  const spaced = lineOf([" think", "\u202eab"], true);
  const from = spaced.text.indexOf("in");
  assert.equal(rawBetween(spaced, from, from + 2), "in");
  assert.equal(rawBetween(spaced, 0, 1), " ");
  assert.equal(rawBetween(spaced, 1, 4), "th");
  assert.equal(rawBetween(spaced, spaced.text.indexOf("a"), spaced.text.length), "ab");
  const lines = lineOf(["ab\r\ncd\nef".repeat(1000)], false);
  assert.equal(rawBetween(lines, 1, 5), "b\r\nc");
  assert.equal(rawBetween(lines, 5, 6), "d");
});

test("bytes", () => {
  assert.equal(bytesOf("\u00e9"), "0xC3 0xA9");
  assert.equal(bytesOf("<0xe2>"), "0xE2");
  assert.match(bytesOf("\u00e9".repeat(500)), /^0xC3 0xA9 .* 0xA9 \u2026 and 800 more$/);
});

test("what was written is found among the glyphs", () => {
  const line = lineOf(["two", " \n", "three four"], true);
  const [from, to] = shownPlaces(line, [5, 11]);
  assert.equal(line.text.slice(from, to), "three\u00b7\u200b");
  assert.deepEqual(shownPlaces(line, [0, 3, 15]), [0, 3, line.text.length]);
});
