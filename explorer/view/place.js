// Between the pointer and the text: which token is under it, and where a token is on the screen.

import { placeIn } from "./paint.js";
import { tokenAt } from "./tokens.js";

// Client rectangles of tokens [from, to) of a cell, one for each line they stand on.
export function rectsOf(cell, from, to) {
  const { start } = cell.line;
  if (!(start[to] > start[from])) return [];
  const range = document.createRange();
  range.setStart(...placeIn(cell, start[from]));
  range.setEnd(...placeIn(cell, start[to]));
  return [...range.getClientRects()].filter((r) => r.width > 0);
}

const SEEN = 2500; // letters: more than nine lines of a wide window

// How many letters of a folded cell may be seen: all, where they are so narrow that SEEN are not
// enough. The browser marks every coloured run anew whenever the page changes, so what is folded
// away stays plain.
export function seenOf(cell) {
  const { length } = cell.line.text;
  if (!cell.element.classList.contains("ae-folded") || SEEN >= length) return length;
  const range = document.createRange();
  range.setStart(...placeIn(cell, SEEN));
  range.setEnd(...placeIn(cell, SEEN + 1));
  const below = range.getBoundingClientRect().top > cell.element.getBoundingClientRect().bottom;
  return below ? SEEN : length;
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

// The outline of a run of lines as one SVG path, relative to `origin`; `grow` in pixels.
export function outline(rects, origin, grow = 0) {
  const lines = linesOf(rects).map((r) => ({
    left: r.left - origin.left - grow,
    right: r.right - origin.left + grow,
    top: r.top - origin.top - grow,
    bottom: r.bottom - origin.top + grow,
  }));
  let path = "";
  for (let from = 0; from < lines.length; ) {
    let to = from + 1;
    const touch = (p, q) => q.left < p.right && p.left < q.right && q.top - p.bottom < 40;
    while (to < lines.length && touch(lines[to - 1], lines[to])) to++;
    path += staircase(lines.slice(from, to));
    from = to;
  }
  return path;
}

// One rectangle a line of text.
export function linesOf(rects) {
  const lines = [];
  for (const r of rects) {
    const last = lines[lines.length - 1];
    if (last && Math.abs(last.top - r.top) < 3) {
      last.left = Math.min(last.left, r.left);
      last.right = Math.max(last.right, r.right);
    } else lines.push({ left: r.left, right: r.right, top: r.top, bottom: r.bottom });
  }
  return lines;
}

// Down the right ends of the lines and up the left ones, so that it hugs the text.
function staircase(lines) {
  if (lines.length === 1) {
    const [{ left, right, top, bottom }] = lines;
    const r = Math.min(3, (right - left) / 2);
    return (
      `M${left + r} ${top}H${right - r}q${r} 0 ${r} ${r}V${bottom - r}q0 ${r} ${-r} ${r}` +
      `H${left + r}q${-r} 0 ${-r} ${-r}V${top + r}q0 ${-r} ${r} ${-r}Z`
    );
  }
  const middle = (k) => (lines[k].bottom + lines[k + 1].top) / 2;
  const end = lines.length - 1;
  let path = `M${lines[0].left} ${lines[0].top}H${lines[0].right}`;
  for (let k = 0; k < end; k++) path += `V${middle(k)}H${lines[k + 1].right}`;
  path += `V${lines[end].bottom}H${lines[end].left}`;
  for (let k = end - 1; k >= 0; k--) path += `V${middle(k)}H${lines[k].left}`;
  return `${path}Z`;
}
