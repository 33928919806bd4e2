// Which size gets full colour: the one that holds 99 % of the non-zero sizes of a scope.

import { levelValue, partOf } from "./wire.js";

const above = (n) => n - Math.ceil(0.99 * n); // of n sizes, those that may lie beyond

// The smallest number that holds 99 % of the non-zero sizes, to 0.4 %; 1 if there is none. A number
// counts `many(k)` times.
export function limitOf(values, many = () => 1) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Uint32Array(1 << 16);
  let all = 0;
  for (let k = 0; k < bits.length; k++) {
    const size = bits[k] & 0x7fffffff;
    if (size === 0 || size >= 0x7f800000) continue;
    const n = many(k);
    counts[size >>> 15] += n;
    all += n;
  }
  if (!all) return 1;
  let left = above(all);
  let bucket = counts.length - 1;
  while (counts[bucket] <= left) left -= counts[bucket--];
  // The upper edge of the bucket, so that nothing inside it counts as beyond.
  const edge = new Float32Array(new Uint32Array([((bucket + 1) << 15) - 1]).buffer);
  return edge[0];
}

const tallies = new WeakMap();

// How many tokens have level k - 128.
export function tallyOf(levels) {
  if (!tallies.has(levels)) {
    const counts = new Uint32Array(256);
    for (let t = 0; t < levels.length; t++) counts[levels[t] + 128]++;
    tallies.set(levels, counts);
  }
  return tallies.get(levels);
}

// The limit of all tokens of all estimators.
export function pooled(estimators) {
  const [value, many] = [[], []];
  const put = (x, n) => value.push(x) && many.push(n);
  for (const { strip, scale, beyond } of estimators) {
    const counts = tallyOf(strip).slice();
    beyond.at.forEach((t, k) => {
      counts[strip[t] + 128]--;
      put(beyond.value[k], 1);
    });
    counts.forEach((n, k) => put(levelValue(k - 128, scale), n));
  }
  return limitOf(Float32Array.from(value), (k) => many[k]);
}

// The limit of each completion, to half a level; 1 where all is zero.
export function limitsIn(batch, e) {
  return Float32Array.from({ length: batch.samples }, (_, i) => {
    const counts = new Uint32Array(129);
    const [from, to] = [batch.first[i], batch.first[i + 1]];
    for (let t = from; t < to; t++) counts[Math.abs(e.strip[t])]++;
    const over = partOf(e.beyond, from, to)[1].map(Math.abs).filter(Number.isFinite).sort();
    let left = above(to - from - counts[0] - counts[128]) - over.length;
    if (left < 0) return over[-1 - left];
    counts[127] -= over.length;
    let level = 127;
    while (level && counts[level] <= left) left -= counts[level--];
    return levelValue(level, e.scale) || 1;
  });
}
