// Outlines over the text: chips of special tokens, segment ticks, peers, pins, the token in hand.

import { outline, rectsOf } from "./place.js";

// What does not follow the pointer; redrawn when text or width change.
export function drawStill(cells, batch, state) {
  // All reads of the layout before all writes, or the browser lays out once a cell.
  const paths = cells.map((cell) => {
    const origin = cell.element.getBoundingClientRect();
    const chips = shownOnly(cell, origin, cell.line.special, (rects) => outline(rects, origin, 0.5));
    return { chips, ticks: state.segments ? ticks(cell, batch, origin) : "" };
  });
  cells.forEach((cell, k) => {
    cell.marks.chips.setAttribute("d", paths[k].chips);
    cell.marks.ticks.setAttribute("d", paths[k].ticks);
  });
}

function ticks(cell, batch, origin) {
  const e = batch.estimators.find((one) => one.name === cell.name);
  const from = batch.first[cell.sample];
  const to = batch.first[cell.sample + 1];
  const cuts = [...(e?.segment ?? batch.segment ?? [])].filter((t) => t > from && t < to);
  const corner = ([r]) => `M${(r.left - origin.left + 0.5).toFixed(1)} ${(r.top - origin.top + 2).toFixed(1)}v-5h5`;
  return shownOnly(cell, origin, cuts.map((t) => t - from), corner);
}

// The paths of tokens in order, up to the fold of the row.
function shownOnly(cell, origin, tokens, path) {
  let d = "";
  for (const k of tokens) {
    const rects = rectsOf(cell, k, k + 1);
    if (rects.length && rects[0].top > origin.bottom) break;
    if (rects.length) d += path(rects);
  }
  return d;
}

// spans: {kind -> [{sample, from, to}]} in tokens; kinds are peers, pins and hover.
export function drawMoving(cells, spans) {
  const found = cells.map((cell) => {
    const origin = cell.element.getBoundingClientRect();
    return Object.entries(spans).map(([kind, list]) => [
      kind,
      list
        .filter((span) => span.sample === cell.sample && (!span.column || span.column === cell.column))
        .map((span) => shape(cell, span, origin, kind))
        .join(""),
    ]);
  });
  cells.forEach((cell, k) => {
    for (const [kind, d] of found[k]) cell.marks[kind].setAttribute("d", d);
  });
}

function shape(cell, { from, to }, origin, kind) {
  const whole = to - from === cell.line.pieces.length;
  const rects = rectsOf(cell, from, to);
  if (kind !== "peers" || !rects.length) return outline(rects, origin, kind === "peers" ? 1 : 2);
  if (!whole) return outline(rects, origin, 1);
  // A whole completion is a bar at its side: an outline around everything says nothing.
  const bottom = rects[rects.length - 1].bottom - origin.top;
  return `M-7 ${rects[0].top - origin.top}V${bottom}h1.5V${rects[0].top - origin.top}Z`;
}
