// Outlines over the text: chips of special tokens, brackets of segments, peers, pins, the token in hand.

import { about, signed } from "./numbers.js";
import { linesOf, outline, rectsOf } from "./place.js";
import { lackOf, within } from "./wire.js";

const LETTER = 6.1; // pixels of a label's letter
const GAP = 4;
const SHORT = 4; // tokens; brackets over shorter units would say less than the colours

// What does not follow the pointer; redrawn when text or width change.
export function drawStill(cells, shown) {
  // All reads of the layout before all writes, or the browser lays out once a cell.
  const found = cells.map((cell) => {
    const origin = cell.element.getBoundingClientRect();
    return {
      chips: paths(cell, origin, cell.line.special, (rects) => outline(rects, origin, 0.5)),
      ...(shown.state.segments ? boundaries(cell, origin, shown) : { ticks: "", labels: [] }),
    };
  });
  cells.forEach((cell, k) => {
    cell.marks.chips.setAttribute("d", found[k].chips);
    cell.marks.ticks.setAttribute("d", found[k].ticks);
    write(cell.labels, found[k].labels);
  });
}

// Where a unit of the credit begins and ends, with its length and what it got; for single tokens,
// where the steps begin.
function boundaries(cell, origin, { batch, estimators, layers, state }) {
  const e = estimators.find((one) => one.name === cell.name);
  const [from, to] = [batch.first[cell.sample], batch.first[cell.sample + 1]];
  const starts = e.starts ?? e.segment ?? batch.segment;
  const cuts = starts ? [...within(starts, from, to)].map((t) => t - from) : [];
  if (!e.starts) {
    const corner = ([r]) => `M${at(r.left - origin.left, 0.5)} ${at(r.top - origin.top, 2)}v-5h5`;
    return { ticks: paths(cell, origin, cuts.filter((k) => k > 0), corner), labels: [] };
  }
  if (to - from < SHORT * cuts.length) return { ticks: "", labels: [] };
  const labels = [];
  const value = layers.get(cell.name).value;
  const ticks = paths(cell, origin, cuts, ([r], k) => {
    const end = cuts[cuts.indexOf(k) + 1] ?? to - from;
    const lines = linesOf(rectsOf(cell, k, end));
    let first = k; // of those that are not masked: the credit of a unit stands at each of them
    while (first < end - 1 && Number.isNaN(value(from + first))) first++;
    const x = value(from + first);
    const text = `${end - k} \u00b7 ${Number.isNaN(x) ? lackOf(e, within(e.not_a_number, from + k, from + end)[0] ?? from + k) : about(batch, from, signed(x))}`;
    const room = lines.find((line) => line.right - line.left >= text.length * LETTER + 2 * GAP);
    if (room) labels.push({ text, x: room.left - origin.left + 2, y: room.top - origin.top - GAP });
    const wide = lines[0].right - r.left;
    return `M${at(r.left - origin.left, 1)} ${at(r.top - origin.top, 3)}v-4h${at(wide, -2)}${lines.length === 1 ? "v4" : ""}`;
  });
  return { ticks, labels };
}

function at(x, by) {
  return (x + by).toFixed(1);
}

// The paths of tokens in order, up to the fold of the row.
function paths(cell, origin, tokens, path) {
  let d = "";
  for (const k of tokens) {
    const rects = rectsOf(cell, k, k + 1);
    if (rects.length && rects[0].top > origin.bottom) break;
    if (rects.length) d += path(rects, k);
  }
  return d;
}

function write(group, labels) {
  while (group.children.length > labels.length) group.lastChild.remove();
  labels.forEach(({ text, x, y }, k) => {
    const node = group.children[k] ?? group.appendChild(document.createElementNS(group.namespaceURI, "text"));
    node.textContent = text;
    node.setAttribute("x", x.toFixed(1));
    node.setAttribute("y", y.toFixed(1));
  });
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
