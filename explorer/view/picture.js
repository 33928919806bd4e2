// The view as a PNG: what is on the screen, painted again on one canvas.

import { make } from "./dom.js";
import { shapeOfLine } from "./paint.js";
import { linesOf, rectsOf } from "./place.js";
import { colourOf } from "./scale.js";
import { MASKED } from "./wire.js";

const RATIO = 2;
const EDGE = 16;
const STRIPS = ".ae-name, .ae-limit, .ae-formula, .ae-pick";
const HEADS = ".ae-heads .ae-gutter, .ae-heads .ae-letter, .ae-headname, .ae-flag, .ae-heads .ae-quiet";
const FACTS = ".ae-prompt span, .ae-prompt code, .ae-lanefacts > span, .ae-rewards > *, .ae-rewards ~ span";
const MASKING = "rgba(128, 128, 128, 0.28)";

export function pictureOf({ root, strips, text, legend, shown }) {
  const bounds = root.getBoundingClientRect();
  const top = legend.getBoundingClientRect().top;
  const [width, height] = [bounds.width + 2 * EDGE, bounds.bottom - top + 2 * EDGE];
  const sheet = make("canvas", { width: Math.round(width * RATIO), height: Math.round(height * RATIO) });
  const context = sheet.getContext("2d");
  context.scale(RATIO, RATIO);
  context.fillStyle = getComputedStyle(root).backgroundColor;
  context.fillRect(0, 0, width, height);
  context.translate(EDGE - onPixel(bounds.left), EDGE - onPixel(top));
  drawLabels(context, legend.querySelectorAll("span:not(.ae-ramp), .ae-ramp i"));
  drawLabels(context, text.element.querySelectorAll(HEADS));
  clipped(context, strips.element, 0, () => {
    for (const { box, canvas: strip } of strips.canvases()) {
      const r = box.getBoundingClientRect();
      context.drawImage(strip, r.left, r.top, r.width, r.height);
    }
    drawLabels(context, strips.element.querySelectorAll(STRIPS));
  });
  clipped(context, text.element, text.element.firstChild.offsetHeight, () => {
    drawLabels(context, text.element.querySelectorAll(FACTS));
    for (const cell of text.cells()) {
      clipped(context, cell.element, 0, () => drawCell(context, cell, shown(), root.getBoundingClientRect().bottom));
      outlines(context, cell);
    }
  });
  return sheet;
}

// Chips, brackets, peers, pins and the token in hand.
function outlines(context, { box, element }) {
  const origin = element.getBoundingClientRect();
  context.save();
  context.translate(origin.left, origin.top);
  for (const path of box.querySelectorAll("path")) {
    const look = getComputedStyle(path);
    context.strokeStyle = look.stroke;
    context.globalAlpha = look.opacity;
    context.lineWidth = parseFloat(look.strokeWidth);
    context.setLineDash(look.strokeDasharray === "none" ? [] : [3, 2]);
    context.stroke(new Path2D(path.getAttribute("d") ?? ""));
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  for (const label of box.querySelectorAll("text")) {
    const look = getComputedStyle(label);
    context.font = `${look.fontSize} ${look.fontFamily}`;
    context.fillStyle = look.fill;
    context.fillText(label.textContent, label.getAttribute("x"), label.getAttribute("y"));
  }
  context.restore();
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

// Elements with a background, their letters and their line.
function drawLabels(context, signs) {
  for (const sign of signs) {
    const r = sign.getBoundingClientRect();
    const look = getComputedStyle(sign);
    if (!r.width) continue;
    context.fillStyle = sign.matches(".ae-masked-swatch") ? MASKING : look.backgroundColor;
    fillBox(context, r);
    context.strokeStyle = look.borderTopColor;
    if (look.borderTopWidth === "1px") context.strokeRect(r.left + 0.5, r.top + 0.5, r.width - 1, r.height - 1);
    clipped(context, sign, 0, () => letters(context, sign, Infinity));
    if (look.textDecorationLine === "underline") underline(context, r, look.color, look.textDecorationStyle);
  }
}

// Neighbours meet without a seam.
function fillBox(context, { left, right, top, bottom }) {
  const [x, y] = [left, top].map(onPixel);
  context.fillRect(x, y, onPixel(right) - x, onPixel(bottom) - y);
}

function onPixel(x) {
  return Math.round(x * RATIO) / RATIO;
}

const DASHES = { dotted: [1.5, 1.5], dashed: [3, 2] };

function underline(context, { left, right, bottom }, colour, shape) {
  context.strokeStyle = colour;
  context.setLineDash(DASHES[shape] ?? []);
  context.beginPath();
  for (const y of shape === "double" ? [bottom, bottom + 2.5] : [bottom]) {
    context.moveTo(left, y);
    context.lineTo(right, y);
  }
  context.stroke();
}

// Backgrounds by token, letters by line.
function drawCell(context, cell, { palette, state: { marks } }, lowest) {
  const { cell: first } = cell.line;
  const look = getComputedStyle(cell.element);
  for (let k = 0; k < first.length; k++) {
    const bin = cell.bins[first[k]];
    const rects = rectsOf(cell, k, k + 1);
    if (rects[0]?.top > lowest) break;
    if (!bin) continue;
    const isMasked = bin === MASKED;
    context.fillStyle = isMasked ? MASKING : colourOf(bin, palette);
    for (const r of rects) {
      fillBox(context, r);
      const below = { left: r.left, right: r.right, bottom: r.bottom - 1 };
      if (isMasked) underline(context, below, look.color, "dashed");
      else if (marks) underline(context, below, colourOf(bin, palette, 1), shapeOfLine(bin));
    }
  }
  letters(context, cell.element, lowest);
}

// Shaping and direction are the browser's: what stands on one line is drawn as a whole.
function letters(context, element, lowest) {
  const look = getComputedStyle(element);
  const rightToLeft = look.direction === "rtl";
  context.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
  context.fillStyle = look.color;
  context.direction = look.direction;
  const ascent = Math.round(context.measureText("").fontBoundingBoxAscent);
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    for (const { text, rects } of linesIn(walk.currentNode, lowest)) {
      const { left, right, top } = linesOf(rects)[0];
      context.fillText(text, rightToLeft ? right : left, onPixel(top) + ascent);
    }
  }
}

// What stands on each line of a text node, and between tabs, which a canvas does not have.
function* linesIn(node, bottom) {
  const { data } = node;
  const range = document.createRange();
  const rectsTo = (from, to) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].filter((r) => r.width > 0);
  };
  const stops = /[\n\t]/g;
  for (let from = 0; from < data.length; ) {
    stops.lastIndex = from;
    const stop = stops.exec(data) ? stops.lastIndex : data.length;
    let to = lastThat((end) => linesOf(rectsTo(from, end)).length < 2, from + 1, stop);
    if (/[\ud800-\udbff]/.test(data[to - 1])) to = to > from + 1 ? to - 1 : to + 1;
    const rects = rectsTo(from, to);
    if (rects[0]?.top > bottom) return;
    if (rects.length) yield { text: data.slice(from, to).replace(/[\n\t]/, ""), rects };
    from = to;
  }
}

// The last whole number in [low, high] for which `holds`, which holds up to it; `low` does.
function lastThat(holds, low, high) {
  let step = 64; // letters of a line, or so
  while (low < high) {
    const next = Math.min(high, low + step);
    if (holds(next)) low = next;
    else high = next - 1;
    step = low === next ? 2 * step : Math.max(1, (high - low) >> 1);
  }
  return low;
}

export function download(content, name) {
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
