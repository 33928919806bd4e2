// Small multiples of curves over training steps, drawn as SVG and redrawn in place.
//
// An anywidget front end: `model.get("figure")` is what explorer/view/curves.py builds,
// { panels: [{ title, note, log, percent, crowd, series: [{ name, hue, x, y, low?, high? }] }], at }.
// Hovering reads the values of a step in every panel; a click or Enter sets "picked" to the step.

import { make } from "./dom.js";
import { panelOf } from "./panel.js";

function render({ model, el }) {
  const label = "Curves over training steps; arrow keys read them, Enter shows that step";
  const root = make("div", { class: "curves", tabindex: 0, role: "group", "aria-label": label });
  el.append(root);
  let panels = [], steps = [], hovered = null;

  const read = (step) => { hovered = step; for (const panel of panels) panel.read(step); };
  const nearest = (x) => steps.reduce((best, s) => (Math.abs(s - x) < Math.abs(best - x) ? s : best), steps[0]);
  const pick = () => { if (hovered !== null) { model.set("picked", hovered); model.save_changes(); } };

  const paint = () => {
    const figure = model.get("figure") || { panels: [] };
    root.classList.toggle("wide", Boolean(figure.wide));
    steps = [...new Set(figure.panels.flatMap((p) => p.series.flatMap((s) => s.x)))].sort((a, b) => a - b);
    if (!steps.length) {
      root.replaceChildren(make("div", { class: "empty" }, figure.empty));
      panels = [];
      return;
    }
    const last = Math.max(steps[steps.length - 1], figure.at ?? 0);
    const range = [Math.min(steps[0], figure.at ?? Infinity), Math.max(last, steps[0] + 1)];
    // A probe in the grid tells how wide a panel will be, before any is drawn.
    const probe = make("div", { class: "panel" });
    root.replaceChildren(probe);
    const width = Math.max(180, Math.round(probe.getBoundingClientRect().width));
    panels = figure.panels.map((panel) => panelOf(panel, range, figure.at, width));
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
