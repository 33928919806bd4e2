// One panel: a title, a legend that reads values, and the plot.

import { alone, band, decades, extent, known, number, path, short, ticks } from "./axes.js";
import { make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 132;
const MARGIN = { left: 42, right: 10, top: 8, bottom: 20 };
const DOWN = HEIGHT - MARGIN.top - MARGIN.bottom;
// Hues kept apart from the blue and vermillion of signs. A fifth of the text's colour darkens them on
// a light page and lightens them on a dark one.
const HUES = ["#0a9a76", "#cf8a10", "#b54fb0", "#5b8fa8", "#9c6a4e", "#858585"];
const colour = (series) => `color-mix(in oklab, ${HUES[series.hue % 6]} 80%, currentColor)`;
const ink = (series) => ({
  style: `stroke:${colour(series)}`,
  "stroke-dasharray": ["none", "5 4", "1.5 3.5"][Math.floor(series.hue / 6) % 3],
});

function shape(tag, attributes, parent) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (parent) parent.append(node);
  return node;
}

// What was found when it was looked for last, at a step or before it; null if there was nothing.
function at(series, step) {
  let found = null;
  for (let i = 0; i < series.x.length && series.x[i] <= step; i++) found = series.y[i];
  return found;
}

// A panel over the steps of `range`, `shown` being the step of the token view.
export function panelOf(panel, range, shown, width) {
  const plot = shape("svg", { class: "plot", height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" });
  const [low, high] = extent(panel);
  const across = Math.max(1, width - MARGIN.left - MARGIN.right);
  const f = panel.log ? Math.log10 : (v) => v;
  const scale = {
    low, high, range, width,
    x: (x) => MARGIN.left + ((x - range[0]) / (range[1] - range[0])) * across,
    y: (y) => MARGIN.top + (1 - (f(y) - f(low)) / (f(high) - f(low))) * DOWN,
  };
  drawAxes(plot, panel, scale);
  if (known(shown)) drawShown(plot, scale.x(shown));
  drawLines(plot, panel, scale);
  const cursor = shape("line", { class: "cursor", y1: MARGIN.top, y2: MARGIN.top + DOWN, visibility: "hidden" }, plot);
  const { head, outputs } = headOf(panel, plot);
  const root = make("div", { class: "panel", "data-title": panel.title }, ...head, plot);

  function read(step) {
    const values = panel.series.map((series) => number(at(series, step ?? Infinity), panel.percent));
    values.forEach((text, i) => { outputs[i].textContent = text; });
    cursor.setAttribute("visibility", step === null ? "hidden" : "visible");
    if (step !== null) for (const x of ["x1", "x2"]) cursor.setAttribute(x, scale.x(step));
    const said = panel.series.map((series, i) => `${series.name} ${values[i]}`).join(", ");
    plot.setAttribute("aria-label", `${panel.title} ${step === null ? "at the last step" : `at step ${step}`}: ${said}`);
  }

  function stepUnder(event) {
    const box = plot.getBoundingClientRect();
    const share = (((event.clientX - box.left) / box.width) * width - MARGIN.left) / across;
    return range[0] + Math.min(1, Math.max(0, share)) * (range[1] - range[0]);
  }
  return { root, plot, read, stepUnder };
}

// The title with the value of the only line, or with a legend of all lines.
function headOf(panel, plot) {
  const outputs = panel.series.map(() => make(panel.series.length === 1 ? "span" : "b", { class: "value" }));
  const title = make("div", { class: "head" }, make("span", { class: "title" }, panel.title),
    make("span", { class: "note" }, panel.note));
  if (outputs.length === 1) {
    title.append(outputs[0]);
    return { head: [title], outputs };
  }
  const items = panel.series.map((series, i) => {
    const key = shape("svg", { width: 16, height: 4, "aria-hidden": "true" });
    shape("line", { x1: 0, x2: 16, y1: 2, y2: 2, "stroke-width": 3, ...ink(series) }, key);
    return make("span", { class: "item", onpointerenter: () => single(plot, i), onpointerleave: () => single(plot, null) },
      key, make("span", {}, series.name), outputs[i]);
  });
  return { head: [title, make("div", { class: "legend" }, ...items)], outputs };
}

// Only one line and its interval; null is all of them.
function single(plot, which) {
  plot.classList.toggle("single", which !== null);
  for (const path of plot.querySelectorAll("[data-of]")) {
    path.classList.toggle("chosen", Number(path.dataset.of) === which);
  }
}

function drawAxes(plot, panel, { low, high, range, width, x, y }) {
  for (const t of panel.log ? decades(low, high) : ticks(low, high, 4)) {
    const zero = !panel.log && Math.abs(t) < 1e-12;
    shape("line", { class: zero ? "zero" : "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(t), y2: y(t) }, plot);
    const text = shape("text", { class: "tick", x: MARGIN.left - 6, y: y(t) + 4, "text-anchor": "end" }, plot);
    text.textContent = panel.percent ? `${Math.round(100 * t)} %` : short(t);
  }
  for (const t of ticks(range[0], range[1], 4).filter(Number.isInteger)) {
    const text = shape("text", { class: "tick", x: x(t), y: HEIGHT - 4, "text-anchor": "middle" }, plot);
    text.textContent = short(t);
  }
}

function drawShown(plot, x) {
  const y = MARGIN.top + DOWN;
  shape("line", { class: "shown", x1: x, x2: x, y1: MARGIN.top, y2: y }, plot);
  shape("path", { class: "here", d: `M${x} ${y}l4 6h-8Z` }, plot);
}

function drawLines(plot, panel, { low, x, y }) {
  const crowd = panel.crowd ? " crowd" : ""; // the legend's entry shows its own
  for (const [i, series] of panel.series.entries()) {
    if (!series.low) continue;
    const d = band(series, x, y, panel.log, low);
    shape("path", { class: `band${crowd}`, "data-of": i, d, style: `fill:${colour(series)}` }, plot);
  }
  for (const [i, series] of panel.series.entries()) {
    const d = path(series.x, series.y, x, y, panel.log);
    shape("path", { class: "line", "data-of": i, d, ...ink(series) }, plot);
    for (const k of alone(series.y, panel.log)) {
      shape("circle", { cx: x(series.x[k]), cy: y(series.y[k]), r: 3, style: `fill:${colour(series)}` }, plot);
    }
  }
}
