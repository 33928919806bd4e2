// A minus B: of the numbers themselves where both have one limit, else each in units of its own scale,
// which is comparable although the units differ.

import { limitOf } from "./limits.js";
import { binOf } from "./scale.js";
import { MASKED, levelValue, listed } from "./wire.js";

const SAME = Int8Array.from({ length: 256 }, (_, k) => k - 128);
const LEVEL = Float64Array.from({ length: 256 }, (_, k) => levelValue(k - 128, 1));
const PAIRS = 1 << 16;
const LEAST = 8 / 127; // of the scale has full colour, so that rounding is at most an eighth of it
const differences = new WeakMap();

// A layer whose levels are bins already: there are as many pairs of levels as 16 bits can tell.
// `shared` is the limit that A and B have in common, 0 if each has its own.
export function difference(a, b, shared = 0) {
  const last = differences.get(a);
  if (last?.of === b && last.shared === shared) return last;
  const counts = new Uint32Array(PAIRS);
  const pair = (t) => ((a.strip[t] + 128) << 8) | (b.strip[t] + 128);
  for (let t = 0; t < a.strip.length; t++) counts[pair(t)]++;
  // Of the pairs that there could be a batch has few, and only these are looked at.
  const pairs = [];
  for (let p = 0; p < PAIRS; p++) if (counts[p]) pairs.push(p);
  const minus = subtraction(a, b, shared);
  const values = Float32Array.from(pairs, (p) => minus(LEVEL[p >> 8], LEVEL[p & 255]));
  const limit = shared || Math.max(LEAST, limitOf(values, (k) => counts[pairs[k]]));
  const bins = new Int8Array(PAIRS);
  pairs.forEach((p, k) => (bins[p] = binOf(values[k], limit)));
  const levels = new Int8Array(a.strip.length);
  for (let t = 0; t < levels.length; t++) levels[t] = bins[pair(t)];
  const faults = merged(a.not_a_number, b.not_a_number);
  const over = beyond(a, b, (x, y) => binOf(minus(x, y), limit));
  const says = shared ? "of the numbers themselves" : "each in units of its own scale";
  const layer = { levels, faults, tableOf: () => SAME, over: () => over, limit, each: false, of: b, shared, says };
  differences.set(a, layer);
  return layer;
}

// Of shares of the two scales. A level is known to half of one: numbers of one sign that lie no
// further apart may be the same.
function subtraction(a, b, shared) {
  const [unitOfA, unitOfB] = shared ? [a.scale, b.scale] : [1, 1];
  const near = (0.505 * (unitOfA + unitOfB)) / 127;
  return (x, y) => {
    const apart = x * unitOfA - y * unitOfB;
    return x * y > 0 && Math.abs(apart) < near ? 0 : apart;
  };
}

// Tokens that lie beyond the scale of either, by what they really are.
function beyond(a, b, binOfShares) {
  const known = merged(a.beyond.at, b.beyond.at).filter((t) => a.strip[t] !== MASKED && b.strip[t] !== MASKED);
  const share = (e, t) => (e.beyond.find(t) ?? levelValue(e.strip[t], e.scale)) / e.scale;
  return listed(known, Int8Array.from(known, (t) => binOfShares(share(a, t), share(b, t))));
}

function merged(p, q) {
  return Int32Array.from(new Set([...p, ...q])).sort();
}
