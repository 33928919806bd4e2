// Where the units begin over which credit is added up: words, sentences, lines, steps, blocks.

import { lineOf } from "./tokens.js";

export const GRANULARITIES = ["token", "word", "sentence", "line", "step", "block", "own"];

// The tokens at which a unit starts, found completion by completion; yields how far it is, up
// to a half, and gives them back.
export function* startsOf(batch, granularity) {
  const is = new Uint8Array(batch.tokens);
  if (granularity === "step") for (const t of batch.segment) is[t] = 1;
  for (let i = 0; i < batch.samples; i++) {
    const from = batch.first[i];
    if (from < batch.first[i + 1]) is[from] = 1;
    if (granularity !== "step") for (const k of startsIn(batch, i, granularity)) is[from + k] = 1;
    yield i / batch.samples / 2;
  }
  return marked(is);
}

function marked(is) {
  let n = 0;
  for (let t = 0; t < is.length; t++) n += is[t];
  const starts = new Int32Array(n);
  for (let t = 0, k = 0; t < is.length; t++) if (is[t]) starts[k++] = t;
  return starts;
}

function* startsIn(batch, i, granularity) {
  const from = batch.first[i];
  const n = batch.first[i + 1] - from;
  if (granularity === "block") {
    for (let k = 1; k < n; k++) if (batch.blockOf(from + k) !== batch.blockOf(from + k - 1)) yield k;
    return;
  }
  const pieces = batch.pieces(i);
  if (granularity === "line") {
    for (let k = 1; k < n; k++) if (pieces[k - 1].includes("\n")) yield k;
    return;
  }
  const line = lineOf(pieces, false);
  let k = 1;
  for (const { index } of new Intl.Segmenter(undefined, { granularity }).segment(line.text)) {
    while (k < n && line.start[k] < index) k++;
    if (index > 0 && k < n) yield k;
  }
}

// The estimator's own cut, else the runs of tokens that it gives the same number.
export function ownStarts(batch, e) {
  if (e.segment) return e.segment;
  const is = new Uint8Array(batch.tokens);
  for (let t = 1; t < is.length; t++) is[t] = e.strip[t] !== e.strip[t - 1] ? 1 : 0;
  for (let i = 0; i < batch.samples; i++) if (batch.first[i] < batch.tokens) is[batch.first[i]] = 1;
  return marked(is);
}
