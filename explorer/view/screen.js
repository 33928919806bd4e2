// From a batch and a state to what is on the screen: strips, text, cards, controls.

import { toolbar } from "./bar.js";
import { tokenCard } from "./card.js";
import { difference } from "./difference.js";
import { everyFrame, make } from "./dom.js";
import { KEPT, advantages } from "./exact.js";
import { finder } from "./find.js";
import { layersOf, rowBins, sharedLimit } from "./layers.js";
import { drawMoving, drawStill } from "./marks.js";
import { newsOf } from "./news.js";
import { percent } from "./numbers.js";
import { lanesOf, stripRows } from "./order.js";
import { painter } from "./paint.js";
import { peersOf } from "./peers.js";
import { isNoise } from "./pixels.js";
import { seenOf } from "./place.js";
import { popup, sideCards } from "./popup.js";
import { textPane } from "./rows.js";
import { PALETTES } from "./scale.js";
import { idle } from "./slices.js";
import { STRIP_HEIGHT, stripsPane } from "./strips.js";
import { summing } from "./summed.js";
import { surprises } from "./surprise.js";
import { followTheme } from "./theme.js";
import { timeBar } from "./time.js";

const TURN = 30; // ms of adding up before the page may do something else
const REST = 250; // ms without a change before what can wait is done

// `now` is {batch, state, hovered}, written by others; `skipped()` counts the batches that were not
// drawn, `resume()` asks for the next.
export function screenOf(id, now, actions, skipped, resume) {
  const root = make("div", { class: "ae", id, "data-lm-suppress-shortcuts": "true" });
  const message = make("div", { class: "ae-error", role: "alert", hidden: true });
  const working = make("div", { class: "ae-working", role: "status", hidden: true });
  const noted = make("div", { class: "ae-working", hidden: true });
  const live = make("div", { class: "ae-hidden", role: "status", "aria-live": "polite" });
  const put = (line) => (words) => {
    line.textContent = words;
    line.hidden = !words;
  };
  const works = put(working);
  const note = put(noted);
  const paint = painter(id);
  const bar = toolbar(actions);
  const time = timeBar(actions);
  const find = finder(actions);
  const strips = stripsPane(actions);
  const text = textPane(id, actions);
  const side = sideCards(actions);
  const card = popup(root, () => actions.leave());
  const main = make("div", { class: "ae-main" }, strips.element, text.element, side.element);
  root.append(paint.style, bar.element, time.element, bar.legend, find.element, message, working, noted, main, card.element, live);
  const draw = everyFrame(drawAll);
  const repaint = everyFrame(paintRows);
  const rest = idle();
  let shown = null;
  let written = null; // the batch of the text, which comes less often than that of the strips
  let job = null;
  let adding = ""; // what is said of it
  let searched = null;
  let drawn = 0;
  let waiting = 0;

  // The estimators in the unit that was asked for; on a large batch that takes several slices.
  function added(again) {
    const { batch, state } = now;
    const key = `${state.granularity} ${state.how}`;
    if (job?.batch !== batch || job.key !== key) job = { ...summing(batch, state), batch, key, began: performance.now() };
    const done = job.run(TURN);
    if (done) {
      if (adding) works((adding = ""));
      return job.estimators();
    }
    if (adding || performance.now() > job.began + 200) {
      works((adding = `Adding up the credit of each ${state.granularity === "own" ? "unit" : state.granularity}: ${percent(job.share())}`));
    }
    clearTimeout(waiting);
    waiting = setTimeout(again);
    return null;
  }

  // `again` is called when there is more to add up first.
  function drawStrips(again) {
    const estimators = added(again);
    if (!estimators) return false;
    const { batch, state } = now;
    const [a, b] = [state.a, state.b].map((name) => estimators.find((e) => e.name === name));
    const palette = PALETTES[state.palette] ?? PALETTES["vermillion and blue"];
    const same = shown?.batch === batch && shown.state.only === state.only && shown.state.lanes === state.lanes;
    const lanes = same ? shown.lanes : lanesOf(batch, state);
    const layout = same ? shown.layout : stripRows(lanes, STRIP_HEIGHT);
    const layers = layersOf(batch, estimators, state);
    const both = state.split && a !== b && isNoise(a.name) === isNoise(b.name) ? difference(a, b, sharedLimit(layers, state)) : null;
    const news = shown && newsOf(shown.state, state);
    if (news) live.textContent = news;
    const listed = shown?.surprises ?? [];
    const surprises = same ? listed : listed.filter(({ sample }) => layout.place.has(sample));
    shown = { batch, state, palette, estimators, layers, lanes, layout, both, surprises };
    strips.update(shown);
    time.update(batch, state, skipped());
    return true;
  }

  function drawAll() {
    clearTimeout(waiting);
    if (!now.batch) return;
    const began = performance.now();
    try {
      if (!drawStrips(draw)) return;
      paint.theme(shown.palette, now.state.marks);
      bar.update(shown);
      find.update(shown);
      text.update(shown);
      side.update(shown);
      written = shown.batch;
      paintRows();
    } catch (error) {
      fail(error);
      throw error;
    }
    if (!now.batch.samples) fail(new Error("It has no completion."));
    drawn = performance.now();
    resume();
    rest.start(atRest(), () => {
      bar.update(shown);
      rest.start(text.fillFar(), () => {});
    }, { wait: REST });
    performance.measure("ae-draw", { start: began });
  }

  function drawStripsOnly() {
    const began = performance.now();
    rest.stop(); // a batch that the next one replaces at once is not searched
    if (!drawStrips(drawStripsOnly)) return;
    performance.measure("ae-strips", { start: began });
    resume();
  }

  // The pictures in words, and the list of surprises.
  function* atRest() {
    yield* strips.describe();
    const { batch, state } = now;
    // Whoever asks for words or steps next does not wait for these.
    for (const e of batch.tokens > KEPT ? [] : batch.estimators) yield* advantages(batch, e);
    const key = JSON.stringify([state.a, state.b, state.split, state.only]);
    if (searched?.batch === batch && searched.key === key) return;
    const found = yield* surprises(batch, state);
    searched = { batch, key };
    shown.surprises = found;
    note("");
  }

  function paintRows() {
    if (!shown || written !== shown.batch) return;
    const cells = text.cells();
    for (const cell of cells) {
      cell.bins = rowBins(shown.batch, shown.layers.get(cell.name), cell.sample);
      cell.found = find.matches(cell.line);
      cell.seen = seenOf(cell);
    }
    paint.paint(cells);
    text.measure();
    drawStill(cells, shown);
    light();
  }

  // Peers of what is pointed at, else of the last pin; pins and the token in hand. In the text and in
  // every strip.
  function light() {
    if (!shown || written !== shown.batch) return;
    const { hovered } = now;
    const { batch, state } = shown;
    const at = hovered ?? (state.sample === null ? null : { sample: state.sample, token: state.token });
    const span = (p) => ({ sample: p.sample, from: p.token, to: p.token + 1 });
    const pin = state.pins.at(-1);
    const of = hovered ?? (pin && { ...pin, estimator: pin.column && state.split ? state.b : state.a });
    const e = of && batch.estimators.find((one) => one.name === of.estimator);
    const peers = (e && peersOf(batch, e, batch.first[of.sample] + of.token)?.runs) ?? null;
    drawMoving(text.cells(), { peers: peers ?? [], pins: state.pins.map(span), hover: at ? [span(at)] : [] });
    strips.light({ peers, token: at });
  }

  function fail(error) {
    message.hidden = !error;
    main.hidden = Boolean(error);
    message.textContent = error ? `This batch cannot be shown. ${error.message}` : "";
  }

  const resized = () => {
    strips.resize();
    text.resize();
    draw();
  };
  const sized = new ResizeObserver(resized);
  sized.observe(root);
  // A font that arrives late wraps the text anew in a box of the same size.
  document.fonts.addEventListener("loadingdone", resized);
  const unthemed = followTheme(root, draw);

  return {
    root, legend: bar.legend, time, find, strips, text, card, draw, drawStripsOnly, repaint, light, fail,
    shown: () => shown,
    drawn: () => drawn,
    busy: () => Boolean(job) && job.estimators() === null,
    working: works,
    note,
    say: (words) => (live.textContent = words),
    said: () => live.textContent,
    cardOf: (at) => tokenCard(shown, shown.batch.first[at.sample] + at.token, false, at.estimator),
    stop() {
      document.fonts.removeEventListener("loadingdone", resized);
      clearTimeout(waiting);
      for (const stop of [() => sized.disconnect(), strips.stop, text.stop, find.stop, time.stop, rest.stop, paint.dispose, unthemed, draw.cancel, repaint.cancel]) stop();
      root.remove();
    },
  };
}
