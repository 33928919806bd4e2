// What the reader selected: copying gives what the policy wrote, without our glyphs.

import { rawBetween } from "./tokens.js";

function selected(root) {
  const home = root.getRootNode();
  const selection = home.getSelection?.() ?? document.getSelection();
  if (!selection?.rangeCount) return null;
  const range = selection.getComposedRanges?.({ shadowRoots: home instanceof ShadowRoot ? [home] : [] })[0] ?? selection.getRangeAt(0);
  const empty = range.startContainer === range.endContainer && range.startOffset === range.endOffset;
  return empty ? null : range;
}

export function hasSelection(root) {
  return selected(root) !== null;
}

// The selected text of the column in which the selection began.
export function copied(root, cells) {
  const chosen = selected(root);
  if (!chosen) return null;
  const range = document.createRange();
  range.setStart(chosen.startContainer, chosen.startOffset);
  range.setEnd(chosen.endContainer, chosen.endOffset);
  const touched = cells.filter((cell) => range.intersectsNode(cell.element));
  if (!touched.length) return null;
  const parts = touched
    .filter((cell) => cell.column === touched[0].column)
    .map((cell) => rawBetween(cell.line, offsetIn(cell, range, true), offsetIn(cell, range, false)));
  return parts.join("\n\n");
}

function offsetIn(cell, range, start) {
  const node = start ? range.startContainer : range.endContainer;
  const part = cell.nodes.find((one) => one.node === node);
  if (part) return part.start + (start ? range.startOffset : range.endOffset);
  return start ? 0 : cell.line.text.length;
}
