// A minus B, each in units of its own scale: comparable although the units differ.

import { limitOf } from "./limits.js";
import { binOf } from "./scale.js";
import { MASKED, levelValue, listed } from "./wire.js";

const SAME = Int8Array.from({ length: 256 }, (_, k) => k - 128);
const LEVEL = Float64Array.from({ length: 256 }, (_, k) => levelValue(k - 128, 1));
const PAIRS = 1 << 16;
const LEAST = 8 / 127; // of the scale has full colour, so that rounding is at most an eighth of it
const differences = new WeakMap();

// A level is known to half of one: numbers of one sign that are a level apart may be the same.
const apart = (x, y) => (x * y > 0 && Math.abs(x - y) < 1.01 / 127 ? 0 : x - y);

// A layer whose levels are bins already: there are as many pairs of levels as 16 bits can tell.
export function difference(a, b) {
  const last = differences.get(a);
  if (last?.of === b) return last;
  const counts = new Uint32Array(PAIRS);
  const pair = (t) => ((a.strip[t] + 128) << 8) | (b.strip[t] + 128);
  for (let t = 0; t < a.strip.length; t++) counts[pair(t)]++;
  // Of the pairs that there could be a batch has few, and only these are looked at.
  const pairs = [];
  for (let p = 0; p < PAIRS; p++) if (counts[p]) pairs.push(p);
  const values = Float32Array.from(pairs, (p) => apart(LEVEL[p >> 8], LEVEL[p & 255]));
  const limit = Math.max(LEAST, limitOf(values, (k) => counts[pairs[k]]));
  const bins = new Int8Array(PAIRS);
  pairs.forEach((p, k) => (bins[p] = binOf(values[k], limit)));
  const levels = new Int8Array(a.strip.length);
  for (let t = 0; t < levels.length; t++) levels[t] = bins[pair(t)];
  const over = beyond(a, b, limit);
  const layer = { levels, tableOf: () => SAME, over: () => over, limit, each: false, of: b };
  differences.set(a, layer);
  return layer;
}

// Tokens that lie beyond the scale of either, by what they really are.
function beyond(a, b, limit) {
  const at = Int32Array.from(new Set([...a.beyond.at, ...b.beyond.at])).sort();
  const known = at.filter((t) => a.strip[t] !== MASKED && b.strip[t] !== MASKED);
  const share = (e, t) => (e.beyond.find(t) ?? levelValue(e.strip[t], e.scale)) / e.scale;
  return listed(known, Int8Array.from(known, (t) => binOf(apart(share(a, t), share(b, t)), limit)));
}
