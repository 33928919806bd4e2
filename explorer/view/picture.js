// The view as a PNG: what is on the screen, painted again on one canvas.

import { make } from "./dom.js";
import { shapeOfLine } from "./paint.js";
import { rectsOf } from "./place.js";
import { colourOf } from "./scale.js";
import { MASKED } from "./wire.js";

const EDGE = 16;
const STRIPS = ".ae-name, .ae-limit, .ae-formula, .ae-pick";
const HEADS = ".ae-heads .ae-letter, .ae-heads .ae-headname, .ae-heads .ae-quiet";
const FACTS = ".ae-prompt > div, .ae-lanefacts > span, .ae-rewards > *, .ae-row > .ae-gutter > .ae-quiet";

export function pictureOf({ root, strips, text, legend, shown }) {
  const ratio = 2;
  const bounds = root.getBoundingClientRect();
  const top = legend.getBoundingClientRect().top;
  const [width, height] = [bounds.width + 2 * EDGE, bounds.bottom - top + 2 * EDGE];
  const canvas = make("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = getComputedStyle(root).backgroundColor;
  context.fillRect(0, 0, width, height);
  context.translate(EDGE - bounds.left, EDGE - top);
  context.textBaseline = "middle";
  labels(context, legend.querySelectorAll("span:not(.ae-ramp), .ae-ramp i"));
  labels(context, text.element.querySelectorAll(HEADS));
  clipped(context, strips.element, 0, () => {
    for (const { box, canvas: strip } of strips.canvases()) {
      const r = box.getBoundingClientRect();
      context.drawImage(strip, r.left, r.top, r.width, r.height);
    }
    labels(context, strips.element.querySelectorAll(STRIPS));
  });
  clipped(context, text.element, text.element.firstChild.offsetHeight, () => {
    labels(context, text.element.querySelectorAll(FACTS));
    for (const cell of text.cells()) clipped(context, cell.element, 0, () => drawCell(context, cell, shown()));
  });
  return canvas;
}

function clipped(context, element, head, draw) {
  const r = element.getBoundingClientRect();
  context.save();
  context.beginPath();
  context.rect(r.left, r.top + head, r.width, r.height - head);
  context.clip();
  draw();
  context.restore();
}

function labels(context, elements) {
  for (const element of elements) {
    const r = element.getBoundingClientRect();
    const look = getComputedStyle(element);
    if (!r.width) continue;
    context.fillStyle = look.backgroundColor;
    context.fillRect(r.left, r.top, r.width, r.height);
    context.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    context.fillStyle = look.color;
    const text = element.textContent;
    const middle = look.textAlign === "center" || look.display.endsWith("grid");
    const inset = middle ? (r.width - context.measureText(text).width) / 2 : Number.parseFloat(look.paddingLeft);
    context.fillText(text, r.left + inset, r.top + r.height / 2);
    if (look.textDecorationLine === "underline") underline(context, r, look.color, look.textDecorationStyle);
  }
}

function underline(context, { left, right, bottom }, colour, shape) {
  context.strokeStyle = colour;
  context.setLineDash(shape === "dotted" ? [1.5, 1.5] : []);
  context.beginPath();
  for (const y of shape === "double" ? [bottom, bottom + 2.5] : [bottom]) {
    context.moveTo(left, y);
    context.lineTo(right, y);
  }
  context.stroke();
}

// Backgrounds by token, letters by line: shaping and direction are the browser's.
function drawCell(context, cell, { palette, state: { marks } }) {
  const look = getComputedStyle(cell.element);
  const { text, start, cell: first } = cell.line;
  const lines = new Map();
  const put = ({ left, right, top, height }, from, to) => {
    const line = lines.get(top) ?? { left, right, height, from };
    lines.set(top, { ...line, left: Math.min(line.left, left), right: Math.max(line.right, right), to });
  };
  for (let k = 0; k < first.length; k++) {
    const bin = cell.bins[first[k]];
    const rects = rectsOf(cell, k, k + 1);
    context.fillStyle = bin === MASKED ? "rgba(128, 128, 128, 0.28)" : colourOf(bin, palette);
    for (const r of rects) {
      context.fillRect(r.left, r.top, r.width, r.height);
      if (bin && bin !== MASKED && marks) underline(context, r, colourOf(bin, palette, 1), shapeOfLine(bin));
    }
    if (!rects.length) continue;
    // Of a token that is broken into two lines, the blank ends one and the word begins the other.
    const broken = rects.length > 1 ? start[k] + Math.max(0, text.slice(start[k]).search(/\S/)) : start[k + 1];
    put(rects[0], start[k], broken);
    if (rects.length > 1) put(rects[rects.length - 1], broken, start[k + 1]);
  }
  context.font = `${look.fontSize} ${look.fontFamily}`;
  context.fillStyle = look.color;
  context.direction = look.direction;
  for (const [top, { left, right, height, from, to }] of lines) {
    context.fillText(text.slice(from, to).replace(/\n/g, ""), look.direction === "rtl" ? right : left, top + height / 2);
  }
}

export function download(content, name) {
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
