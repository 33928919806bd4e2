// Where the units begin over which credit is added up: words, sentences, lines, steps, blocks.

import { lineOf } from "./tokens.js";

export const GRANULARITIES = ["token", "word", "sentence", "line", "step", "block", "own"];

// The tokens at which a unit starts; "own" is for each estimator to say.
export function unitsOf(batch, granularity) {
  if (granularity === "own") return "own";
  const starts = [];
  for (let i = 0; i < batch.samples; i++) {
    const from = batch.first[i];
    const n = batch.first[i + 1] - from;
    const is = n ? startsIn(batch, i, granularity) : null;
    for (let k = 0; k < n; k++) if (k === 0 || is(k)) starts.push(from + k);
  }
  return starts;
}

function startsIn(batch, i, granularity) {
  const from = batch.first[i];
  if (granularity === "block") return (k) => batch.blockOf(from + k) !== batch.blockOf(from + k - 1);
  if (granularity === "step") {
    const cuts = new Set(batch.segment);
    return (k) => cuts.has(from + k);
  }
  const pieces = batch.pieces(i);
  if (granularity === "line") return (k) => pieces[k - 1].includes("\n");
  const line = lineOf(pieces, false);
  const edges = [];
  const cutter = new Intl.Segmenter(undefined, { granularity });
  for (const { index } of cutter.segment(line.text)) edges.push(index);
  const unit = new Int32Array(pieces.length);
  for (let k = 0, e = 0; k < pieces.length; k++) {
    while (e + 1 < edges.length && edges[e + 1] <= line.start[k]) e++;
    unit[k] = e;
  }
  return (k) => unit[k] !== unit[k - 1];
}
