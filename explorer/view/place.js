// Between the pointer and the text: which token is under it, and where a token is on the screen.

import { placeIn } from "./paint.js";
import { tokenAt } from "./tokens.js";

// Client rectangles of tokens [from, to) of a cell, one for each line they stand on.
export function rectsOf(cell, from, to) {
  const { start } = cell.line;
  if (start[to] <= start[from]) return [];
  const range = document.createRange();
  range.setStart(...placeIn(cell, start[from]));
  range.setEnd(...placeIn(cell, start[to]));
  return [...range.getClientRects()].filter((r) => r.width > 0);
}

// The token at a point, null beside the text.
export function tokenUnder(cell, x, y) {
  if (!cell.line.pieces.length) return null;
  const offset = caret(cell, x, y);
  const guess = offset === null ? null : tokenAt(cell.line, offset);
  const near = guess === null ? [] : [guess, guess - 1, guess + 1];
  const every = guess === null ? cell.line.pieces.keys() : near;
  for (const k of every) {
    if (k < 0 || k >= cell.line.pieces.length) continue;
    const inside = rectsOf(cell, k, k + 1).some(
      (r) => x >= r.left && x < r.right && y >= r.top - 4 && y < r.bottom + 4,
    );
    if (inside) return cell.line.cell[k] === k ? k : cell.line.cell[k];
  }
  return null;
}

function caret(cell, x, y) {
  const root = cell.element.getRootNode();
  let node;
  let offset;
  if (document.caretPositionFromPoint) {
    const options = root instanceof ShadowRoot ? { shadowRoots: [root] } : undefined;
    const found = document.caretPositionFromPoint(x, y, options);
    [node, offset] = [found?.offsetNode, found?.offset];
  } else {
    const found = document.caretRangeFromPoint?.(x, y);
    [node, offset] = [found?.startContainer, found?.startOffset];
  }
  const part = cell.nodes.find((one) => one.node === node);
  return part ? part.start + offset : null;
}

// The outline of a run of lines as one SVG path, relative to `origin`.
export function outline(rects, origin, grow = 0) {
  const lines = rects.map((r) => ({
    left: r.left - origin.left - grow,
    right: r.right - origin.left + grow,
    top: r.top - origin.top - grow,
    bottom: r.bottom - origin.top + grow,
  }));
  if (!lines.length) return "";
  const first = lines[0];
  const last = lines[lines.length - 1];
  const left = Math.min(...lines.map((l) => l.left));
  const right = Math.max(...lines.map((l) => l.right));
  if (lines.length === 1 || first.top === last.top) return box(left, first.top, right, first.bottom);
  // Two lines that do not touch are two boxes.
  if (lines.length === 2 && last.right < first.left) return lines.map((l) => box(l.left, l.top, l.right, l.bottom)).join("");
  return (
    `M${first.left} ${first.top}H${right}V${last.top}H${last.right}V${last.bottom}` +
    `H${left}V${first.bottom}H${first.left}Z`
  );
}

function box(left, top, right, bottom) {
  const r = Math.min(3, (right - left) / 2);
  return (
    `M${left + r} ${top}H${right - r}q${r} 0 ${r} ${r}V${bottom - r}q0 ${r} ${-r} ${r}` +
    `H${left + r}q${-r} 0 ${-r} ${-r}V${top + r}q0 ${-r} ${r} ${-r}Z`
  );
}
