// Colours text without touching it: CSS Custom Highlights, or spans where a browser lacks them.

import { make } from "./dom.js";
import { FAULT } from "./layers.js";
import { NOISE, isNoise } from "./pixels.js";
import { BEYOND, STEPS, colourOf } from "./scale.js";
import { tokenAt } from "./tokens.js";
import { MASKED } from "./wire.js";

const OTHER = { [MASKED]: "masked", [FAULT]: "fault" };

export function canHighlight() {
  return typeof Highlight !== "undefined" && Boolean(globalThis.CSS?.highlights);
}

// Highlight names are global to the document, so they carry the id of the view.
export function painter(id, native = canHighlight()) {
  const style = make("style");
  const sets = new Map();
  const kinds = [...bins().map(kindOf), ...bins().map(noiseOf), "masked", "fault", "shared", "found"];
  if (native) {
    for (const kind of kinds) {
      const set = new Highlight();
      set.priority = kind === "found" ? 3 : kind === "shared" ? 2 : 1;
      sets.set(kind, set);
      CSS.highlights.set(`${id}-${kind}`, set);
    }
  }

  function theme(palette, marks) {
    const rule = (kind, body) =>
      native ? `::highlight(${id}-${kind}){${body}}` : `.${id}-${kind}{${body}}`;
    const lines = bins().map((bin) => rule(kindOf(bin), looks(bin, palette, marks)));
    lines.push(
      ...bins().map((bin) => rule(noiseOf(bin), looks(bin, NOISE, marks))),
      rule("masked", "background-color:var(--ae-masked);color:var(--ae-ink);text-decoration:underline dashed 1px var(--ae-dim)"),
      rule("fault", "color:var(--ae-fg);text-decoration:line-through underline wavy 1px var(--ae-warn)"),
      rule("shared", "text-decoration:underline dotted 2px var(--ae-fg)"),
      rule("found", "background-color:var(--ae-found);color:var(--ae-ink)"),
    );
    // Forced colours would paint every highlight alike: there, the line alone tells the sign.
    const forced = [kindOf, noiseOf].flatMap((kind) => bins().map((bin) => rule(kind(bin), line(bin, "CanvasText", 2))));
    const masked = rule("masked", "text-decoration:line-through 1px GrayText") + rule("fault", "text-decoration:line-through underline wavy 1px CanvasText");
    const rules = `@media (forced-colors:none){${lines.join("\n")}}\n@media (forced-colors:active){${[...forced, masked].join("\n")}}`;
    // The same rules again would still cost the style of the whole view.
    if (style.textContent !== rules) style.textContent = rules;
  }

  // cells: [{line, bins, nodes, found, name, seen}], bins one for each token of the line; letters from
  // `seen` on are folded away.
  function paint(cells) {
    for (const set of sets.values()) set.clear();
    for (const cell of cells) {
      const runs = runsOf(cell);
      if (!native) cell.nodes = spans(cell, runs, id);
      else for (const [kind, from, to] of runs) sets.get(kind).add(range(cell, from, to));
      if (native) {
        for (const [from, to] of cell.found ?? []) sets.get("found").add(range(cell, from, to));
        for (const [from, to] of sharedIn(cell.line)) sets.get("shared").add(range(cell, from, to));
      }
    }
  }

  function dispose() {
    for (const kind of sets.keys()) CSS.highlights.delete(`${id}-${kind}`);
    style.remove();
  }

  return { style, theme, paint, dispose, native };
}

function bins() {
  return Array.from({ length: 2 * BEYOND + 1 }, (_, k) => k - BEYOND).filter((bin) => bin !== 0);
}

function kindOf(bin) {
  return bin < 0 ? `m${-bin}` : `p${bin}`;
}

function noiseOf(bin) {
  return `n${kindOf(bin)}`;
}

// The sign is also a line: solid under what helped, dotted under what hurt, double beyond the limit.
function looks(bin, palette, marks) {
  const background = `background-color:${colourOf(bin, palette)};color:var(--ae-ink)`;
  if (!marks) return background;
  return `${background};${line(bin, `color-mix(in srgb,var(--ae-ink) ${100 * inkOf(bin)}%,transparent)`, 1.5)}`;
}

// How much of the text's ink a line needs to stand out 3:1 from the colour behind it.
export function inkOf(bin) {
  return 0.5 + (0.25 * Math.min(Math.abs(bin), STEPS)) / STEPS;
}

export function shapeOfLine(bin) {
  return Math.abs(bin) === BEYOND ? "double" : bin < 0 ? "dotted" : "solid";
}

function line(bin, ink, width) {
  const shape = shapeOfLine(bin);
  return `text-decoration:${bin === -BEYOND ? "overline underline" : "underline"} ${shape} ${width}px ${ink}`;
}

// [kind, from, to] in the text: neighbours of one bin are one run, and a grapheme is never cut.
function runsOf({ line, bins: given, name, seen }) {
  const kindIn = isNoise(name) ? noiseOf : kindOf;
  const runs = [];
  let kind = null;
  let from = 0;
  const n = seen < line.text.length ? tokenAt(line, seen) : line.pieces.length;
  for (let k = 0; k <= n; k++) {
    const bin = k < n ? given[line.cell[k]] : 0;
    const next = k === n || bin === 0 ? null : (OTHER[bin] ?? kindIn(bin));
    if (next === kind) continue;
    if (kind !== null && line.start[k] > from) runs.push([kind, from, line.start[k]]);
    kind = next;
    from = line.start[k];
  }
  return runs;
}

function sharedIn(line) {
  const spans = [];
  for (let k = 1; k < line.cell.length; k++) {
    if (line.cell[k] === k) continue;
    const first = line.cell[k];
    let last = k;
    while (line.cell[last + 1] === first) last++;
    if (line.start[last + 1] > line.start[first]) spans.push([line.start[first], line.start[last + 1]]);
    k = last;
  }
  return spans;
}

function range(cell, from, to) {
  const [startContainer, startOffset] = placeIn(cell, from);
  const [endContainer, endOffset] = placeIn(cell, to);
  return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
}

// The text node that holds a place of the line, and the place in it.
export function placeIn(cell, offset) {
  let found = cell.nodes[0];
  for (const node of cell.nodes) if (node.start <= offset) found = node;
  return [found.node, Math.min(offset - found.start, found.node.length)];
}

function spans(cell, runs, id) {
  const parts = [];
  let at = 0;
  const put = (to, kind) => {
    if (to <= at) return;
    const node = document.createTextNode(cell.line.text.slice(at, to));
    parts.push({ node, start: at, child: kind ? make("span", { class: `${id}-${kind}` }, node) : node });
    at = to;
  };
  for (const [kind, from, to] of runs) {
    put(from, null);
    put(to, kind);
  }
  put(cell.line.text.length, null);
  cell.element.replaceChildren(...parts.map((part) => part.child));
  return parts.length ? parts : [{ node: cell.element.appendChild(document.createTextNode("")), start: 0 }];
}
