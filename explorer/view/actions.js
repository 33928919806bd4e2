// What a reader can do: every one ends in a change of the state, or in what is under the pointer.

import { csvOf, npzOf } from "./arrays.js";
import { spoken } from "./card.js";
import { clamp } from "./dom.js";
import { keysOf } from "./keys.js";
import { percent } from "./numbers.js";
import { download, pictureOf } from "./picture.js";
import { tokenUnder } from "./place.js";
import { copied, hasSelection } from "./select.js";
import { idle } from "./slices.js";
import { openKeys, openTable } from "./table.js";

const PREVIEW = 250; // ms over a name before its colours show
const LET_GO = "no longer following the latest step";

// `now` is {batch, state, hovered}; `change(part, {tell})` makes another state.
export function actionsOf(now, screen, change, resume) {
  let unpreviewed = null;
  let previewing = 0;
  let listed = null; // the surprises among which the reader is, and where
  let surprise = -1;

  function focus(column, name) {
    unpreviewed = null;
    change(column === "b" ? { b: name, split: true } : { a: name });
  }

  function preview(name) {
    clearTimeout(previewing);
    if (name === null && unpreviewed) change({ a: unpreviewed }, { tell: false });
    if (name === null) unpreviewed = null;
    else if (name !== now.state.a) {
      previewing = setTimeout(() => {
        unpreviewed ??= now.state.a;
        change({ a: name }, { tell: false });
      }, PREVIEW);
    }
  }

  function expand(sample) {
    const { expanded } = now.state;
    const others = expanded.filter((i) => i !== sample);
    change({ expanded: others.length < expanded.length ? others : [...others, sample] });
  }

  // For the sake of a token, of which was told already.
  function unfold(sample) {
    if (now.state.expanded.includes(sample)) return;
    const words = screen.said();
    expand(sample);
    requestAnimationFrame(() => screen.say(words));
  }

  function hover(at, event, beside) {
    if (now.hovered && ["sample", "token", "estimator"].every((key) => now.hovered[key] === at[key])) return;
    now.hovered = at;
    screen.card.open(event, beside, () => {
      screen.light();
      return screen.cardOf(at);
    });
  }

  function leave() {
    screen.card.close(() => {
      now.hovered = null;
      screen.light();
    });
  }

  function pin(at, add = false) {
    const is = (p) => p.sample === at.sample && p.token === at.token;
    const others = now.state.pins.filter((p) => !is(p));
    const pins = others.length < now.state.pins.length ? others : [...(add ? others.slice(-1) : []), at];
    change({ pins, sample: at.sample, token: at.token, follow: false });
    // Its card takes room from the text.
    requestAnimationFrame(() => screen.text.reveal(at.sample, at.token, true));
  }

  function goTo(sample, token) {
    const { batch } = now;
    const ending = follows() ? `; ${LET_GO}` : "";
    change({ sample, token: clamp(token, 0, Math.max(0, batch.lengths[sample] - 1)), follow: false });
    screen.note("");
    requestAnimationFrame(() => screen.text.reveal(sample, now.state.token));
    screen.say((batch.lengths[sample] ? spoken(screen.shown(), batch.first[sample] + now.state.token) : `completion ${sample + 1} has no token`) + ending);
  }

  function toSurprise(index) {
    const { surprises } = screen.shown();
    const found = surprises[index];
    if (!found) return;
    [listed, surprise] = [surprises, index];
    goTo(found.sample, found.token);
    const words = `surprise ${index + 1} of ${surprises.length}: ${found.text}`;
    screen.note(`${words}, completion ${found.sample + 1}, token ${found.token + 1}`);
    screen.say(`${words}; ${screen.said()}`);
  }

  function bySurprise(by) {
    const { surprises } = screen.shown();
    const many = surprises.length;
    const next = surprises === listed ? surprise + by : by > 0 ? 0 : -1;
    toSurprise((next + many) % many);
  }

  function save(kind) {
    const { batch } = now;
    const name = `advantages${batch.step === null ? "" : `-step${batch.step}`}`;
    if (kind === "png") return pictureOf(screen).toBlob((blob) => download(blob, `${name}.png`));
    const done = (blob) => {
      screen.working("");
      download(blob, `${name}.${kind}`);
    };
    const told = (share) => screen.working(`Saving the numbers: ${percent(share)}`);
    idle().start(kind === "csv" ? csvOf(batch) : npzOf(batch), done, { told });
  }

  function follows() {
    return now.batch?.steps.length > 1 && now.state.follow;
  }

  function letGo() {
    if (!follows()) return;
    change({ follow: false });
    screen.say(LET_GO);
  }

  function pause() {
    change({ paused: !now.state.paused });
    resume();
  }

  return {
    change, focus, preview, expand, unfold, hover, leave, pin, goTo, toSurprise, save, letGo, pause,
    scope: (scope) => change({ scope, limit: scope === "locked" ? screen.shown().layers.get(now.state.a).limit : now.state.limit }),
    only: (only) => change({ only }),
    show: ({ sample, token }) => goTo(sample, token),
    back: () => screen.text.focus(),
    repaint: () => screen.repaint(),
    surprise: bySurprise,
    find: () => screen.find.open(),
    table: (sample = now.state.sample ?? 0) => openTable(screen.root, now.batch, sample),
    help: () => openKeys(screen.root),
    step: (by) => screen.time.by(by),
    arrived: () => now.batch.step === now.state.step,
    close: () => screen.card.shut(),
    stop: () => clearTimeout(previewing),
  };
}

// Pointer and keyboard over the text.
export function listen(now, screen, actions) {
  const { root, text, strips } = screen;
  const tokenAt = (event) => {
    const cell = text.cellAt(event);
    const token = cell ? tokenUnder(cell, event.clientX, event.clientY) : null;
    return token === null ? null : { cell, at: { sample: cell.sample, token } };
  };
  text.element.addEventListener("pointermove", (event) => {
    const found = tokenAt(event);
    if (found) actions.hover({ ...found.at, estimator: found.cell.name }, event, found.cell.box);
    else actions.leave();
  });
  text.element.addEventListener("pointerleave", actions.leave);
  for (const pane of [text.element, strips.element]) {
    for (const kind of ["wheel", "touchmove"]) pane.addEventListener(kind, actions.letGo, { passive: true });
    // A pane is pressed itself where its scroll bar is.
    pane.addEventListener("pointerdown", ({ target }) => (target === pane || target.matches("canvas")) && actions.letGo());
  }
  text.element.addEventListener("click", (event) => {
    const found = hasSelection(root) ? null : tokenAt(event);
    if (found) actions.pin(found.cell.column === "b" ? { ...found.at, column: "b" } : found.at, event.ctrlKey || event.metaKey);
  });
  text.element.addEventListener("copy", (event) => {
    const raw = copied(root, text.written());
    if (raw === null) return;
    event.clipboardData.setData("text/plain", raw);
    event.preventDefault();
  });
  root.addEventListener("keydown", (event) => {
    const shown = screen.shown();
    if (shown) keysOf(event, { batch: now.batch, state: now.state, actions, lanes: shown.lanes, text });
  });
}
