// The token view: one module for JupyterLab (anywidget), Streamlit and a plain HTML file.
// A host gives a model with get, set, on and save_changes; `payload` is what wire.py packs.

import { csvOf, npzOf } from "./arrays.js";
import { toolbar } from "./bar.js";
import { spoken, tokenCard } from "./card.js";
import { clamp, everyFrame, make } from "./dom.js";
import { feed } from "./feed.js";
import { finder } from "./find.js";
import { keysOf } from "./keys.js";
import { difference, layersOf, rowBins } from "./layers.js";
import { drawMoving, drawStill } from "./marks.js";
import { lanesOf, stripRows } from "./order.js";
import { painter } from "./paint.js";
import { peersOf } from "./peers.js";
import { download, pictureOf } from "./picture.js";
import { tokenUnder } from "./place.js";
import { popup, sideCards } from "./popup.js";
import { textPane } from "./rows.js";
import { PALETTES } from "./scale.js";
import { copied, hasSelection } from "./select.js";
import { PUBLIC, published, repaired, startState } from "./state.js";
import { STRIP_HEIGHT, stripsPane } from "./strips.js";
import { surprises } from "./surprise.js";
import { openKeys, openTable } from "./table.js";
import { followTheme } from "./theme.js";
import { timeBar } from "./time.js";
import { unpack } from "./wire.js";

const TEXT_PERIOD = 334; // ms between texts of a live run: colours must not flash
// A run that moves by itself starts held for a reader who asked for less motion.
function calm(batch) {
  return batch.steps.length > 1 && matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function render({ model: host, el }) {
  // Random, since a notebook may load this module once for every output.
  const id = `ae${Math.random().toString(36).slice(2, 8)}`;
  const root = make("div", { class: "ae", id, "data-lm-suppress-shortcuts": "true" });
  const message = make("div", { class: "ae-error", role: "alert", hidden: true });
  const live = make("div", { class: "ae-hidden", role: "status", "aria-live": "polite" });
  const paint = painter(id);
  let batch = null;
  let state = null;
  let shown = null;
  let hovered = null;
  let told = "";
  let surprise = -1;
  let textDrawn = 0;
  let later = 0;

  const actions = {
    change,
    focus(column, name) {
      unpreviewed = null;
      change(column === "b" ? { b: name, split: true } : { a: name });
    },
    preview,
    scope: (scope) => change({ scope, limit: scope === "locked" ? shown.layers.get(state.a).limit : state.limit }),
    only: (only) => change({ only }),
    expand(sample) {
      const others = state.expanded.filter((i) => i !== sample);
      change({ expanded: others.length < state.expanded.length ? others : [...others, sample] });
    },
    hover,
    leave,
    show: ({ sample, token }) => goTo(sample, token),
    back: () => text.element.focus(),
    repaint: () => repaint(),
    pin: togglePin,
    surprise: (by) => toSurprise((surprise + by + shown.surprises.length) % shown.surprises.length),
    toSurprise,
    find: () => find.open(),
    save,
    table: (sample = state.sample ?? 0) => openTable(root, batch, sample),
    help: () => openKeys(root),
    step: (by) => time.by(by),
    pause() {
      change({ paused: !state.paused });
      incoming.resume();
    },
    arrived: () => batch.step === state.step,
  };
  const bar = toolbar(actions);
  const time = timeBar(actions);
  const find = finder(actions);
  const strips = stripsPane(actions);
  const text = textPane(id, actions);
  const side = sideCards(actions);
  const card = popup(root, leave);
  const main = make("div", { class: "ae-main" }, strips.element, text.element, side.element);
  root.append(paint.style, bar.element, time.element, bar.legend, find.element, message, main, card.element, live);
  el.replaceChildren(root);
  const incoming = feed(root, { take, held: () => state?.paused });
  const draw = everyFrame(drawAll);
  const repaint = everyFrame(paintRows);

  function receive() {
    const payload = host.get("payload");
    if (payload?.byteLength) incoming.offer(payload);
  }

  function take(payload) {
    try {
      const next = unpack(payload);
      if (!state) {
        state = startState(next, { paused: calm(next), ...next.state, ...host.get("state") });
      } else if (next.steps.length && !state.follow && next.step !== state.step) {
        // A step that nobody asked for: the reader stays, the time line grows.
        batch.steps = next.steps;
        return time.update(batch, state, incoming.skipped());
      }
      batch = next;
      state = repaired(batch, { ...state, step: batch.step });
      fail(null);
    } catch (error) {
      return fail(error);
    }
    const wait = textDrawn + TEXT_PERIOD - performance.now();
    if (wait <= 0 || !shown) return draw();
    const began = performance.now();
    drawStrips();
    performance.measure("ae-strips", { start: began });
    later ||= setTimeout(() => {
      later = 0;
      draw();
    }, wait);
  }

  function fail(error) {
    message.hidden = !error;
    main.hidden = Boolean(error);
    message.textContent = error ? `This batch cannot be shown. ${error.message}` : "";
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
    change(Object.fromEntries(Object.entries(given).filter(([key]) => PUBLIC.includes(key))), { tell: false });
  }

  function drawStrips() {
    const layers = layersOf(batch, state);
    const [a, b] = [state.a, state.b].map((name) => batch.estimators.find((e) => e.name === name));
    const both = state.split && a !== b ? difference(a, b) : null;
    const lanes = lanesOf(batch, state);
    const palette = PALETTES[state.palette] ?? PALETTES["vermillion and blue"];
    shown = { batch, state, palette, layers, lanes, both, layout: stripRows(lanes, STRIP_HEIGHT), surprises: shown?.surprises ?? [] };
    strips.update(shown);
    time.update(batch, state, incoming.skipped());
  }

  function drawAll() {
    if (!batch) return;
    const began = performance.now();
    try {
      drawStrips();
      paint.theme(shown.palette, state.marks);
      bar.update(shown);
      find.update(shown);
      text.update(shown);
      side.update(shown);
      paintRows();
    } catch (error) {
      fail(error);
      throw error;
    }
    textDrawn = performance.now();
    clearTimeout(resting);
    resting = setTimeout(rest, 250);
    performance.measure("ae-draw", { start: began });
  }

  // What can wait until nothing moves: the list of surprises, and the pictures in words.
  let resting = 0;
  function rest() {
    shown.surprises = surprises(batch, state);
    bar.update(shown);
    strips.describe();
  }

  function paintRows() {
    if (!shown) return;
    const cells = text.cells();
    for (const cell of cells) {
      cell.bins = rowBins(shown.batch, shown.layers.get(cell.name), cell.sample);
      cell.found = find.matches(cell.line.text);
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
    const e = hovered && batch.estimators.find((one) => one.name === hovered.estimator);
    const peers = (e && peersOf(batch, e, batch.first[hovered.sample] + hovered.token)?.runs) ?? null;
    drawMoving(text.cells(), { peers: peers ?? [], pins: state.pins.map(span), hover: at ? [span(at)] : [] });
    strips.light({ peers, token: at });
  }

  function hover(at, event, beside) {
    if (hovered && ["sample", "token", "estimator"].every((key) => hovered[key] === at[key])) return;
    hovered = at;
    card.open(event, beside, () => {
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

  let unpreviewed = null;
  let previewing = 0;
  function preview(name) {
    clearTimeout(previewing);
    if (name === null && unpreviewed) change({ a: unpreviewed }, { tell: false });
    if (name === null) unpreviewed = null;
    else if (name !== state.a) {
      previewing = setTimeout(() => {
        unpreviewed ??= state.a;
        change({ a: name }, { tell: false });
      }, 250);
    }
  }

  function togglePin(at, add = false) {
    const is = (p) => p.sample === at.sample && p.token === at.token;
    const others = state.pins.filter((p) => !is(p));
    const pins = others.length < state.pins.length ? others : [...(add ? others.slice(-1) : []), at];
    change({ pins, sample: at.sample, token: at.token, follow: false });
  }

  function goTo(sample, token) {
    change({ sample, token: clamp(token, 0, batch.lengths[sample] - 1) });
    requestAnimationFrame(() => text.reveal(sample));
    live.textContent = spoken(shown, batch.first[sample] + state.token);
  }

  function toSurprise(index) {
    const found = shown.surprises[index];
    if (!found) return;
    surprise = index;
    goTo(found.sample, found.token);
    live.textContent = `surprise ${index + 1} of ${shown.surprises.length}: ${found.text}; ${live.textContent}`;
  }

  function save(kind) {
    const name = `advantages${batch.step === null ? "" : `-step${batch.step}`}`;
    if (kind === "csv") download(new Blob([csvOf(batch)], { type: "text/csv" }), `${name}.csv`);
    if (kind === "npz") download(npzOf(batch), `${name}.npz`);
    if (kind === "png") pictureOf({ root, strips, text, legend: bar.legend, model: shown }).toBlob((blob) => download(blob, `${name}.png`));
  }

  function letGo() {
    if (batch?.steps.length < 2 || !state?.follow) return;
    change({ follow: false });
    live.textContent = "no longer following the latest step";
  }

  text.element.addEventListener("pointermove", (event) => {
    const cell = text.cellAt(event);
    const token = cell ? tokenUnder(cell, event.clientX, event.clientY) : null;
    if (token === null) leave();
    else hover({ sample: cell.sample, token, estimator: cell.name }, event, cell.box);
  });
  text.element.addEventListener("pointerleave", leave);
  text.element.addEventListener("wheel", letGo, { passive: true });
  text.element.addEventListener("touchmove", letGo, { passive: true });
  text.element.addEventListener("click", (event) => {
    const cell = text.cellAt(event);
    const token = cell && !hasSelection(root) ? tokenUnder(cell, event.clientX, event.clientY) : null;
    if (token !== null) togglePin({ sample: cell.sample, token }, event.ctrlKey || event.metaKey);
  });
  text.element.addEventListener("copy", (event) => {
    const raw = copied(root, text.cells());
    if (raw === null) return;
    event.clipboardData.setData("text/plain", raw);
    event.preventDefault();
  });
  root.addEventListener("keydown", (event) => {
    if (shown) keysOf(event, { batch, state, actions: { ...actions, goTo, close: () => card.shut() }, lanes: shown.lanes, text });
  });
  const resized = () => {
    strips.resize();
    text.resize();
    draw();
  };
  const sized = new ResizeObserver(resized);
  sized.observe(root);
  // A font that arrives late wraps the text anew in a box of the same size.
  document.fonts.addEventListener("loadingdone", resized);
  const unthemed = followTheme(root);
  host.on("change:payload", receive);
  host.on("change:state", receiveState);
  receive();

  return () => {
    host.off?.("change:payload", receive);
    host.off?.("change:state", receiveState);
    document.fonts.removeEventListener("loadingdone", resized);
    for (const stop of [incoming.stop, () => sized.disconnect(), text.stop, time.stop, paint.dispose, unthemed, draw.cancel, repaint.cancel]) stop();
    clearTimeout(publishing);
    clearTimeout(previewing);
    clearTimeout(resting);
    clearTimeout(later);
    root.remove();
  };
}

export default { render };
