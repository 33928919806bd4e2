// The view as a PNG: what is on the screen, painted again on one canvas.

import { make } from "./dom.js";
import { FAULT } from "./layers.js";
import { inkOf, shapeOfLine } from "./paint.js";
import { NOISE, isNoise } from "./pixels.js";
import { linesOf, rectsOf } from "./place.js";
import { BEYOND, colourOf } from "./scale.js";
import { MASKED } from "./wire.js";

const RATIO = 2;
const EDGE = 16;
const STRIPS = ".ae-name, .ae-limit, .ae-formula > :not(.ae-ramp), .ae-formula i, .ae-pick";
const INNERMOST = ":not(:has(*), .ae-icon)"; // but for the button that closes a card
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
  drawLabels(context, text.element.querySelectorAll(`.ae-heads ${INNERMOST}`));
  clipped(context, strips.element, 0, () => {
    for (const layer of strips.element.querySelectorAll("canvas")) {
      const r = layer.getBoundingClientRect();
      context.drawImage(layer, r.left, r.top, r.width, r.height);
    }
    drawLabels(context, strips.element.querySelectorAll(STRIPS));
  });
  clipped(context, text.element, text.element.firstChild.offsetHeight, () => {
    drawLabels(context, text.element.querySelectorAll(FACTS));
    const inkIn = (pane, name) => getComputedStyle(pane.element.querySelector(name) ?? root).color;
    const inks = { dim: inkIn(text, ".ae-quiet"), warn: inkIn(strips, ".ae-fault") };
    const lines = make("canvas", { width: sheet.width, height: sheet.height }).getContext("2d");
    lines.setTransform(context.getTransform());
    for (const cell of text.cells()) {
      const draw = () => drawCell(context, lines, cell, shown(), inks, bounds.bottom);
      clipped(lines, cell.element, 0, () => clipped(context, cell.element, 0, draw));
    }
    context.save();
    context.resetTransform();
    context.drawImage(lines.canvas, 0, 0);
    context.restore();
    for (const cell of text.cells()) outlines(context, cell);
  });
  const side = root.querySelector(".ae-side");
  clipped(context, side, 0, () => drawLabels(context, side.querySelectorAll(INNERMOST)));
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
    context.lineWidth = 1;
    context.setLineDash([]);
    if (look.borderTopWidth === "1px") context.strokeRect(r.left + 0.5, r.top + 0.5, r.width - 1, r.height - 1);
    clipped(context, sign, 0, () => letters(context, sign, Infinity));
    if (look.textDecorationLine !== "underline") continue;
    const below = onPixel(r.top) + fontOf(context, look) + (parseFloat(look.textUnderlineOffset) || 1);
    drawLine(context, r, below, Math.round(parseFloat(look.textDecorationThickness)), look.textDecorationStyle, look.color);
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

// A line below letters, or through them, whose upper edge is at y.
function drawLine(context, { left, right }, y, width, shape, colour) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(shape === "dotted" ? [width, width] : shape === "dashed" ? [3, 2] : []);
  context.beginPath();
  for (const top of shape === "double" ? [y, y + width + 1] : [y]) {
    context.moveTo(left, top + width / 2);
    if (shape === "wavy") for (let [x, up] = [left, 1.5]; x < right; up = -up) context.lineTo((x += 3.5), y + up);
    else context.lineTo(right, top + width / 2);
  }
  context.stroke();
}

// Backgrounds and lines by run of one colour, as a browser paints them; letters by line.
function drawCell(context, lines, cell, { palette, state: { marks } }, { dim, warn }, lowest) {
  const { cell: first } = cell.line;
  const look = getComputedStyle(cell.element);
  const ascent = fontOf(context, look);
  for (let k = 0, end; k < first.length; k = end) {
    const bin = cell.bins[first[k]];
    for (end = k + 1; cell.bins[first[end]] === bin; ) end++;
    const rects = rectsOf(cell, k, end);
    if (rects[0]?.top > lowest) break;
    if (!bin) continue;
    const known = bin !== MASKED && bin !== FAULT;
    for (const r of rects) {
      const base = onPixel(r.top) + ascent;
      if (bin === FAULT) {
        for (const y of [base + 3, base - 4]) drawLine(context, r, y, 1, "wavy", warn);
        continue;
      }
      context.fillStyle = known ? colourOf(bin, isNoise(cell.name) ? NOISE : palette) : MASKING;
      fillBox(context, r);
      lines.globalAlpha = known ? inkOf(bin) : 1;
      if (!known) drawLine(lines, r, base + 1, 1, "dashed", dim);
      else if (marks) drawLine(lines, r, base + 1, 2, shapeOfLine(bin), look.color);
      if (marks && bin === -BEYOND) drawLine(lines, r, r.top - 5, 2, "double", look.color);
    }
  }
  letters(context, cell.element, lowest);
  // A line makes way for letters that cross it.
  lines.globalCompositeOperation = "destination-out";
  lines.globalAlpha = 1;
  letters(lines, cell.element, lowest, [-2, -1, 0, 1, 2]);
}

// Sets it; how far letters reach above the line that they stand on.
function fontOf(context, look) {
  context.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
  return Math.round(context.measureText("").fontBoundingBoxAscent);
}

// Shaping and direction are the browser's: what stands on one line is drawn as a whole.
function letters(context, element, lowest, shifts = [0]) {
  const look = getComputedStyle(element);
  const rightToLeft = look.direction === "rtl";
  const ascent = fontOf(context, look);
  context.fillStyle = look.color;
  context.direction = look.direction;
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    for (const { text, rects } of linesIn(walk.currentNode, lowest)) {
      const { left, right, top } = linesOf(rects)[0];
      for (const by of shifts) context.fillText(text, (rightToLeft ? right : left) + by, onPixel(top) + ascent);
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
