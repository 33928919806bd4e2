// The view as a PNG: what is on the screen, painted again on one canvas.

import { make } from "./dom.js";
import { rectsOf } from "./place.js";
import { alphaOf, colourOf } from "./scale.js";
import { MASKED } from "./wire.js";

const EDGE = 16;

export function pictureOf({ root, strips, text, model }) {
  const ratio = 2;
  const bounds = root.getBoundingClientRect();
  const canvas = make("canvas", { width: Math.round(bounds.width + 2 * EDGE) * ratio, height: Math.round(bounds.height + 2 * EDGE) * ratio });
  const context = canvas.getContext("2d");
  const look = getComputedStyle(root);
  context.scale(ratio, ratio);
  context.fillStyle = look.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(EDGE - bounds.left, EDGE - bounds.top);
  context.textBaseline = "middle";
  for (const { box, canvas: strip } of strips.canvases()) clipped(context, strips.element, () => drawStrip(context, box, strip));
  clipped(context, strips.element, () => labels(context, strips.element.querySelectorAll(".ae-name, .ae-limit, .ae-formula, .ae-pick")));
  labels(context, root.querySelectorAll(".ae-legend > span:not(.ae-ramp):not(.ae-swatch), .ae-letter"));
  ramp(context, root.querySelector(".ae-ramp"), model.palette);
  labels(context, text.element.querySelectorAll(".ae-heads .ae-headname, .ae-heads .ae-quiet, .ae-heads .ae-letter"));
  clipped(context, text.element.querySelector(".ae-lanes"), () =>
    clipped(context, text.element, () => {
      labels(context, text.element.querySelectorAll(".ae-prompt > div, .ae-lanefacts > span, .ae-row > .ae-gutter > *"));
      for (const cell of text.cells()) drawCell(context, cell, model);
    }),
  );
  return canvas;
}

function clipped(context, element, draw) {
  const r = element.getBoundingClientRect();
  const head = element.querySelector(".ae-headgroup")?.getBoundingClientRect().height ?? 0;
  context.save();
  context.beginPath();
  context.rect(r.left, r.top + head, r.width, r.height - head);
  context.clip();
  draw();
  context.restore();
}

function drawStrip(context, box, strip) {
  const r = box.getBoundingClientRect();
  context.drawImage(strip, r.left, r.top, r.width, r.height);
}

function labels(context, elements) {
  for (const element of elements) {
    if (element.hidden || !element.textContent) continue;
    const r = element.getBoundingClientRect();
    const look = getComputedStyle(element);
    context.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    context.fillStyle = look.color;
    context.fillText(element.textContent, r.left + Number.parseFloat(look.paddingLeft), r.top + r.height / 2, r.width);
  }
}

function ramp(context, element, palette) {
  for (const [k, part] of [...element.children].entries()) {
    const r = part.getBoundingClientRect();
    const bin = k - (element.children.length - 1) / 2;
    context.fillStyle = bin ? colourOf(bin, palette) : "transparent";
    context.fillRect(r.left, r.top, r.width, r.height);
  }
}

// Backgrounds by token, letters by line: shaping and direction are the browser's.
function drawCell(context, cell, { palette }) {
  const look = getComputedStyle(cell.element);
  const lines = new Map();
  for (let k = 0; k < cell.line.pieces.length; k++) {
    const bin = cell.bins[cell.line.cell[k]];
    for (const r of rectsOf(cell, k, k + 1)) {
      if (bin === MASKED || alphaOf(bin, palette)) {
        context.fillStyle = bin === MASKED ? "rgba(128, 128, 128, 0.25)" : colourOf(bin, palette);
        context.fillRect(r.left, r.top, r.width, r.height);
      }
      const line = lines.get(r.top) ?? { left: r.left, right: r.right, height: r.height, from: k, to: k };
      lines.set(r.top, { ...line, left: Math.min(line.left, r.left), right: Math.max(line.right, r.right), to: k });
    }
  }
  context.font = `${look.fontSize} ${look.fontFamily}`;
  context.fillStyle = look.color;
  context.direction = look.direction;
  for (const [top, line] of lines) {
    const words = cell.line.text.slice(cell.line.start[line.from], cell.line.start[line.to + 1]).replace(/\n/g, "");
    context.fillText(words, look.direction === "rtl" ? line.right : line.left, top + line.height / 2);
  }
}

export function download(content, name) {
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
