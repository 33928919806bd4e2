// The token view: one module for JupyterLab (anywidget), Streamlit and a plain HTML file.
// A host gives a model with get, set, on and save_changes; `payload` is what wire.py packs.

import { toolbar } from "./bar.js";
import { spoken, tokenCard } from "./card.js";
import { clamp, everyFrame, make } from "./dom.js";
import { keysOf } from "./keys.js";
import { difference, layersOf } from "./layers.js";
import { drawMoving, drawStill } from "./marks.js";
import { lanesOf, stripRows } from "./order.js";
import { painter } from "./paint.js";
import { peersOf } from "./peers.js";
import { tokenUnder } from "./place.js";
import { popup, sideCards } from "./popup.js";
import { textPane } from "./rows.js";
import { PALETTES } from "./scale.js";
import { PUBLIC, published, repaired, startState } from "./state.js";
import { STRIP_HEIGHT, stripsPane } from "./strips.js";
import { unpack } from "./wire.js";

let instances = 0;

export function render({ model: host, el }) {
  const id = `ae${++instances}`;
  const root = make("div", { class: "ae", id });
  const message = make("div", { class: "ae-error", role: "alert", hidden: true });
  const live = make("div", { class: "ae-hidden", role: "status", "aria-live": "polite" });
  const paint = painter(id);
  let batch = null;
  let state = null;
  let shown = null;
  let hovered = null;
  let told = "";

  const actions = {
    change,
    focus: (column, name) => change(column === "b" ? { b: name, split: true } : { a: name }),
    preview: (name) => preview(name),
    scope: (scope) => change({ scope, limit: scope === "locked" ? shown.layers.get(state.a).limit : state.limit }),
    only: (only) => change({ only }),
    expand: (sample) =>
      change({ expanded: state.expanded.includes(sample) ? state.expanded.filter((i) => i !== sample) : [...state.expanded, sample] }),
    hover: (at, event) => hover(at, event),
    leave: () => leave(),
    show: ({ sample, token }) => goTo(sample, token),
    repaint: () => repaint(),
    pin: togglePin,
    surprise: () => {},
    find: () => {},
    save: () => {},
    table: () => {},
    help: () => {},
  };
  const bar = toolbar(actions);
  const strips = stripsPane(actions);
  const text = textPane(id, actions);
  const side = sideCards(actions);
  const card = popup(root, () => actions.leave());
  const main = make("div", { class: "ae-main" }, strips.element, text.element, side.element);
  root.append(paint.style, bar.element, bar.legend, message, main, card.element, live);
  el.replaceChildren(root);

  const draw = everyFrame(drawAll);
  const repaint = everyFrame(paintRows);

  function receive() {
    try {
      const payload = host.get("payload");
      if (!payload || !payload.byteLength) return;
      batch = unpack(payload);
      const given = host.get("state") ?? {};
      state = state ? repaired(batch, { ...state, step: batch.step }) : startState(batch, { ...batch.state, ...given });
      fail(null);
      draw();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error) {
    message.hidden = !error;
    main.hidden = Boolean(error);
    message.textContent = error ? `This batch cannot be shown. ${error.message}` : "";
    if (error) performance.mark(`${id}-error`);
  }

  function change(part, { tell = true } = {}) {
    state = repaired(batch, { ...state, ...part });
    draw();
    if (tell) publish();
  }

  let publishing = 0;
  function publish() {
    clearTimeout(publishing);
    publishing = setTimeout(() => {
      const now = JSON.stringify(published(state));
      if (now === told) return;
      told = now;
      host.set("state", JSON.parse(now));
      host.save_changes();
    }, 200);
  }

  function receiveState() {
    const given = host.get("state");
    if (!batch || !given || JSON.stringify(given) === told) return;
    const known = Object.fromEntries(Object.entries(given).filter(([key]) => PUBLIC.includes(key)));
    change(known, { tell: false });
  }

  function drawAll() {
    if (!batch) return;
    const began = performance.now();
    try {
      const palette = PALETTES[state.palette] ?? PALETTES["vermillion and blue"];
      const layers = layersOf(batch, state);
      const both = state.split && state.a !== state.b ? difference(batch, layers.get(state.a), layers.get(state.b)) : null;
      const lanes = lanesOf(batch, state);
      shown = { batch, state, palette, layers, lanes, both, layout: stripRows(lanes, STRIP_HEIGHT), surprises: 0 };
      paint.theme(palette, state.marks);
      bar.update(shown);
      strips.update(shown);
      text.update(shown);
      side.update(shown);
      paintRows();
    } catch (error) {
      fail(error);
      throw error;
    }
    performance.measure(`${id}-draw`, { start: began });
  }

  function paintRows() {
    if (!shown) return;
    const cells = text.cells();
    for (const cell of cells) {
      const layer = shown.layers.get(cell.name);
      cell.bins = layer.bins.subarray(batch.first[cell.sample], batch.first[cell.sample + 1]);
    }
    paint.paint(cells);
    text.measure();
    drawStill(cells, batch, state);
    light();
  }

  // Peers, pins and the token in hand, in the text and in every strip.
  function light() {
    const at = hovered ?? (state.sample === null ? null : { sample: state.sample, token: state.token });
    const span = (p) => ({ sample: p.sample, from: p.token, to: p.token + 1 });
    let peers = [];
    if (hovered) {
      const e = batch.estimators.find((one) => one.name === (hovered.estimator ?? state.a));
      peers = (e && peersOf(batch, e, batch.first[hovered.sample] + hovered.token)?.runs) ?? [];
    }
    drawMoving(text.cells(), { peers, pins: state.pins.map(span), hover: at ? [span(at)] : [] });
    strips.light({ peers: peers.length ? peers : null, token: at });
  }

  function hover(at, event) {
    const same = hovered && hovered.sample === at.sample && hovered.token === at.token && hovered.estimator === at.estimator;
    if (same) return;
    hovered = at;
    card.open(event, () => {
      light();
      return tokenCard(shown, batch.first[at.sample] + at.token);
    });
  }

  function leave() {
    card.close(() => {
      hovered = null;
      light();
    });
  }

  let before = null;
  function preview(name) {
    if (name && !before && name !== state.a) {
      before = state.a;
      change({ a: name }, { tell: false });
    } else if (!name && before) {
      change({ a: before }, { tell: false });
      before = null;
    }
  }

  function togglePin(at, add = false) {
    const is = (p) => p.sample === at.sample && p.token === at.token;
    const kept = state.pins.some(is) ? state.pins.filter((p) => !is(p)) : [...(add ? state.pins.slice(-1) : []), at];
    change({ pins: kept, sample: at.sample, token: at.token, follow: false });
  }

  function goTo(sample, token) {
    change({ sample, token: clamp(token, 0, batch.lengths[sample] - 1) });
    requestAnimationFrame(() => text.reveal(sample));
    live.textContent = spoken(shown, batch.first[sample] + token);
  }

  text.element.addEventListener("pointermove", (event) => {
    const cell = text.cellAt(event);
    const token = cell ? tokenUnder(cell, event.clientX, event.clientY) : null;
    if (token === null) leave();
    else hover({ sample: cell.sample, token, estimator: cell.name }, event);
  });
  text.element.addEventListener("pointerleave", () => leave());
  text.element.addEventListener("click", (event) => {
    const cell = text.cellAt(event);
    if (!cell || String(document.getSelection() ?? "")) return;
    const token = tokenUnder(cell, event.clientX, event.clientY);
    if (token !== null) togglePin({ sample: cell.sample, token }, event.ctrlKey || event.metaKey);
  });
  root.addEventListener("keydown", (event) => {
    if (batch && state) keysOf(event, { batch, state, actions: { ...actions, goTo, close: () => card.shut() }, lanes: shown.lanes, text });
  });
  const sized = new ResizeObserver(() => draw());
  sized.observe(root);
  host.on("change:payload", receive);
  host.on("change:state", receiveState);
  receive();

  return () => {
    host.off?.("change:payload", receive);
    host.off?.("change:state", receiveState);
    sized.disconnect();
    text.stop();
    paint.dispose();
    draw.cancel();
    repaint.cancel();
    clearTimeout(publishing);
    root.remove();
  };
}

export default { render };
