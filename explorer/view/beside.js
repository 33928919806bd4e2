// Where a card stands: inside an area, and on no line that is being read.

import { clamp } from "./dom.js";

const ASIDE = 8;
const ROOM = 200; // pixels: the token, its facts and some numbers

// {left, top} of a card of some size, beside the column of `line` if there is room, else above the
// line, where it is in nobody's way who reads on, or below it, at the end where the least text stands;
// null if it fits nowhere. The pointer is at the height `y`.
export function besideLine(area, line, { width, height }, { y }) {
  const high = height <= area.bottom - area.top;
  const wide = width <= area.right - area.left;
  const [left, top] = [area.right - width, clamp(y - 60, area.top, area.bottom - height)];
  if (high && line.right + ASIDE + width <= area.right) return { left: line.right + ASIDE, top };
  if (high && line.left - ASIDE - width >= area.left) return { left: line.left - ASIDE - width, top };
  if (wide && line.top - height >= area.top) return { left, top: line.top - height };
  if (wide && line.bottom + height <= area.bottom) return { left, top: line.bottom };
  return null;
}

// {left, top, height} where a card too high for that scrolls, above or below the line and in reach of
// the pointer; null if there is no room worth it.
export function roomBy(area, line, { x }) {
  const [above, below] = [line.top - area.top, area.bottom - line.bottom];
  const height = Math.max(above, below);
  return height < ROOM ? null : { left: x - 24, top: below < above ? area.top : line.bottom, height };
}

// What is left of `area` where pinned cards take its right or its lower part.
export function without(area, side) {
  if (!side.width) return area;
  if (side.left - area.left > ASIDE) return { ...area, right: side.left - ASIDE };
  return { ...area, bottom: Math.min(area.bottom, side.top - ASIDE) };
}
