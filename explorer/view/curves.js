// Small multiples of curves over training steps, drawn as SVG and redrawn in place.
//
// An anywidget front end: `model.get("figure")` is what explorer/view/curves.py builds,
// { panels: [{ title, note, log, percent, series: [{ name, hue, x, y, low?, high? }] }], at }.
// Hovering reads the values of a step in every panel; a click or Enter sets "picked" to the step.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 132;
const MARGIN = { left: 42, right: 10, top: 8, bottom: 20 };

const CSS = `
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(264px, 1fr)); gap: 18px 22px;
  font-family: var(--st-font, var(--jp-ui-font-family, system-ui)), system-ui, sans-serif;
  font-size: 13px; color: var(--st-text-color, var(--jp-content-font-color1, #2f2d2b)); outline: none;
  font-variant-numeric: tabular-nums; }
.curves:focus-visible { outline: 2px solid var(--st-primary-color, #4a6fb5); outline-offset: 6px; }
.curves.wide { grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); }
.panel { min-width: 0; display: flex; flex-direction: column; }
.head { display: flex; align-items: baseline; gap: 8px; min-height: 22px; }
.title { font-weight: 600; }
.note { opacity: .62; font-size: 12px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.value { margin-left: auto; font-weight: 600; font-size: 17px; white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 1px 12px; margin: 1px 0 3px; }
.item { display: inline-flex; align-items: center; gap: 5px; white-space: nowrap; }
.item b { font-weight: 600; min-width: 3.2em; }
.item svg { flex: none; }
svg { display: block; overflow: visible; }
.plot { width: 100%; cursor: crosshair; margin-top: auto; }
.tick { fill: currentColor; opacity: .62; font-size: 11px; }
.grid { stroke: currentColor; opacity: .13; shape-rendering: crispEdges; }
.zero { stroke: currentColor; opacity: .38; shape-rendering: crispEdges; }
.line { fill: none; stroke-width: 1.9; stroke-linejoin: round; stroke-linecap: round; }
.band { stroke: none; opacity: .11; }
.cursor { stroke: currentColor; opacity: .55; shape-rendering: crispEdges; }
.shown { stroke: var(--st-primary-color, #0b6e99); stroke-width: 1.5; }
.here { fill: var(--st-primary-color, #0b6e99); }
.empty { opacity: .62; padding: 28px 0; }
@media (forced-colors: active) { .line { stroke: CanvasText; } }
`;

const element = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const shape = (tag, attributes, parent) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (parent) parent.append(node);
  return node;
};

const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

export function number(value, percent) {
  if (!known(value)) return "–";
  const minus = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (percent) return `${minus}${(100 * size).toFixed(size < 0.0995 ? 1 : 0)} %`;
  if (size === 0) return "0";
  if (size >= 1e5 || size < 1e-3) {
    const [digits, power] = size.toExponential(1).split("e");
    return `${minus}${digits}e${Number(power)}`;
  }
  return minus + (size >= 1000 ? Math.round(size).toLocaleString("en") : size.toPrecision(3));
}

export function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((k) => k >= rough * 0.75);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return found;
}

// Powers of ten, or 1-2-5 where the range holds fewer than two of them.
export function decades(low, high) {
  const found = [];
  const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((to - from) / 6));
  for (let k = from; k <= to; k += every) found.push(10 ** k);
  const inside = found.filter((t) => t >= low && t <= high);
  if (inside.length >= 2) return inside;
  const finer = [];
  for (let k = from; k <= to; k++) for (const m of [1, 2, 5]) finer.push(m * 10 ** k);
  return finer.filter((t) => t >= low && t <= high);
}

function extent(panel) {
  let low = Infinity, high = -Infinity;
  for (const series of panel.series) {
    for (const values of [series.y, series.low, series.high]) {
      for (const value of values || []) {
        if (!known(value) || (panel.log && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  if (low > high) return panel.log ? [0.1, 1] : [0, 1];
  if (panel.log) return low === high ? [low / 2, high * 2] : [low / 1.15, high * 1.15];
  if (low === high) return [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const room = (high - low) * 0.06;
  const bounds = [low - room, high + room];
  if (low >= 0 && bounds[0] < 0) bounds[0] = 0;
  return bounds;
}

// Where a value is not known the line breaks; the logarithm of zero is not known.
function path(x, y, sx, sy, log) {
  let d = "", pen = "M";
  for (let i = 0; i < x.length; i++) {
    if (!known(y[i]) || (log && y[i] <= 0)) { pen = "M"; continue; }
    d += `${pen}${sx(x[i]).toFixed(1)} ${sy(y[i]).toFixed(1)}`;
    pen = "L";
  }
  return d;
}

function band(series, sx, sy, log, floor) {
  const there = [], back = [];
  for (let i = 0; i < series.x.length; i++) {
    const low = series.low[i], high = series.high[i];
    if (!known(low) || !known(high) || (log && high <= 0)) continue;
    there.push(`${sx(series.x[i]).toFixed(1)} ${sy(high).toFixed(1)}`);
    back.unshift(`${sx(series.x[i]).toFixed(1)} ${sy(log ? Math.max(low, floor) : low).toFixed(1)}`);
  }
  return there.length > 1 ? `M${there.join("L")}L${back.join("L")}Z` : "";
}

// Hues kept apart from the blue and vermillion of signs. A fifth of the text's colour darkens them on
// a light page and lightens them on a dark one.
const HUES = ["#0a9a76", "#cf8a10", "#b54fb0", "#5b8fa8", "#9c6a4e", "#858585"];
const colour = (series) => `color-mix(in oklab, ${HUES[series.hue % 6]} 80%, currentColor)`;
const dash = (series) => (series.hue < 6 ? "none" : "5 4");

// The last value at or before a step: what was known when that step was done.
function at(series, step) {
  let found = null;
  for (let i = 0; i < series.x.length && series.x[i] <= step; i++) {
    if (known(series.y[i])) found = series.y[i];
  }
  return found;
}

function draw(panel, range, shown, width) {
  const root = element("div", "panel");
  root.dataset.title = panel.title;
  const head = element("div", "head");
  head.append(element("span", "title", panel.title));
  if (panel.note) head.append(element("span", "note", panel.note));
  root.append(head);
  const outputs = [];
  if (panel.series.length === 1) {
    const value = element("span", "value");
    head.append(value);
    outputs.push(value);
  } else {
    const legend = element("div", "legend");
    for (const series of panel.series) {
      const item = element("span", "item");
      const key = shape("svg", { width: 16, height: 4, "aria-hidden": "true" });
      shape("line", { x1: 0, x2: 16, y1: 2, y2: 2, "stroke-width": 3, "stroke-dasharray": dash(series),
        style: `stroke:${colour(series)}` }, key);
      const value = element("b");
      item.append(key, element("span", "", series.name), value);
      legend.append(item);
      outputs.push(value);
    }
    root.append(legend);
  }
  const [low, high] = extent(panel);
  const across = Math.max(1, width - MARGIN.left - MARGIN.right);
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  const f = panel.log ? Math.log10 : (v) => v;
  const sx = (x) => MARGIN.left + ((x - range[0]) / (range[1] - range[0])) * across;
  const sy = (y) => MARGIN.top + (1 - (f(y) - f(low)) / (f(high) - f(low))) * down;
  const plot = shape("svg", { class: "plot", height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" });
  for (const t of panel.log ? decades(low, high) : ticks(low, high, 4)) {
    shape("line", { class: !panel.log && Math.abs(t) < 1e-12 ? "zero" : "grid",
      x1: MARGIN.left, x2: width - MARGIN.right, y1: sy(t), y2: sy(t) }, plot);
    const text = shape("text", { class: "tick", x: MARGIN.left - 6, y: sy(t) + 4, "text-anchor": "end" }, plot);
    text.textContent = panel.percent ? `${Math.round(100 * t)} %` : short(t);
  }
  for (const t of ticks(range[0], range[1], 4).filter(Number.isInteger)) {
    const text = shape("text", { class: "tick", x: sx(t), y: HEIGHT - 4, "text-anchor": "middle" }, plot);
    text.textContent = short(t);
  }
  if (known(shown)) {
    const x = sx(shown), y = MARGIN.top + down;
    shape("line", { class: "shown", x1: x, x2: x, y1: MARGIN.top, y2: y }, plot);
    shape("path", { class: "here", d: `M${x} ${y}l4 6h-8Z` }, plot);
  }
  for (const series of panel.series.filter((one) => one.low)) {
    shape("path", { class: "band", d: band(series, sx, sy, panel.log, low), style: `fill:${colour(series)}` }, plot);
  }
  for (const series of panel.series) {
    const d = path(series.x, series.y, sx, sy, panel.log);
    shape("path", { class: "line", d, "stroke-dasharray": dash(series), style: `stroke:${colour(series)}` }, plot);
    if (series.x.length === 1 && d) {
      shape("circle", { cx: sx(series.x[0]), cy: sy(series.y[0]), r: 3, style: `fill:${colour(series)}` }, plot);
    }
  }
  const cursor = shape("line", { class: "cursor", y1: MARGIN.top, y2: MARGIN.top + down, visibility: "hidden" }, plot);
  root.append(plot);
  const read = (step) => {
    const here = step ?? Infinity;
    const values = panel.series.map((series) => number(at(series, here), panel.percent));
    values.forEach((text, i) => { outputs[i].textContent = text; });
    cursor.setAttribute("visibility", step === null ? "hidden" : "visible");
    if (step !== null) for (const x of ["x1", "x2"]) cursor.setAttribute(x, sx(step));
    const said = panel.series.map((series, i) => `${series.name} ${values[i]}`).join(", ");
    plot.setAttribute("aria-label", `${panel.title} ${step === null ? "at the last step" : `at step ${step}`}: ${said}`);
  };
  const stepUnder = (event) => {
    const box = plot.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * width - MARGIN.left) / across;
    return range[0] + Math.min(1, Math.max(0, share)) * (range[1] - range[0]);
  };
  return { root, plot, read, stepUnder };
}

function short(t) {
  const size = Math.abs(t);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return number(t, false).replace(".0e", "e");
  return String(Number(t.toPrecision(4))).replace("-", "−");
}

function render({ model, el }) {
  const style = element("style", "", CSS);
  const root = element("div", "curves");
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Curves over training steps; arrow keys read them, Enter shows that step");
  el.append(style, root);
  let panels = [], steps = [], hovered = null;

  const read = (step) => { hovered = step; for (const panel of panels) panel.read(step); };
  const nearest = (x) => steps.reduce((best, s) => (Math.abs(s - x) < Math.abs(best - x) ? s : best), steps[0]);
  const pick = () => { if (hovered !== null) { model.set("picked", hovered); model.save_changes(); } };

  const paint = () => {
    const figure = model.get("figure") || { panels: [] };
    root.classList.toggle("wide", Boolean(figure.wide));
    steps = [...new Set(figure.panels.flatMap((p) => p.series.flatMap((s) => s.x)))].sort((a, b) => a - b);
    if (!steps.length) {
      root.replaceChildren(element("div", "empty", figure.empty || "Nothing measured yet."));
      panels = [];
      return;
    }
    const last = Math.max(steps[steps.length - 1], figure.at ?? 0);
    const range = [Math.min(steps[0], figure.at ?? Infinity), Math.max(last, steps[0] + 1)];
    // A probe in the grid tells how wide a panel will be, before any is drawn.
    const probe = element("div", "panel");
    root.replaceChildren(probe);
    const width = Math.max(180, Math.round(probe.getBoundingClientRect().width));
    panels = figure.panels.map((panel) => draw(panel, range, figure.at, width));
    root.replaceChildren(...panels.map((panel) => panel.root));
    for (const panel of panels) {
      panel.plot.addEventListener("pointermove", (event) => read(nearest(panel.stepUnder(event))));
      panel.plot.addEventListener("pointerleave", () => read(null));
      panel.plot.addEventListener("click", pick);
    }
    read(steps.includes(hovered) ? hovered : null);
  };
  root.addEventListener("keydown", (event) => {
    const here = hovered === null ? steps.length : steps.indexOf(hovered);
    if (event.key === "ArrowLeft") read(steps[Math.max(0, here - 1)] ?? null);
    else if (event.key === "ArrowRight") read(steps[Math.min(steps.length - 1, here + 1)] ?? null);
    else if (event.key === "Enter") pick();
    else if (event.key === "Escape") read(null);
    else return;
    event.preventDefault();
  });

  let width = 0;
  const observer = new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 1) return;
    width = entry.contentRect.width;
    paint();
  });
  observer.observe(root);
  model.on("change:figure", paint);
  paint();
  return () => { observer.disconnect(); model.off("change:figure", paint); };
}

export default { render };
