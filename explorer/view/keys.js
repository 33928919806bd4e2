// The keyboard: one tab stop, arrows inside.

import { within } from "./wire.js";

export const KEYS = [
  ["\u2190 \u2192", "token"],
  ["Ctrl+\u2190 \u2192", "step"],
  ["\u2191 \u2193", "completion"],
  ["Home End", "first, last token"],
  ["PageUp PageDown", "lane"],
  ["Enter", "pin, unpin (Ctrl: a second one)"],
  ["e", "all of the completion, fold"],
  ["o", "only this lane, all lanes"],
  ["1 \u2026 9", "estimator A (Shift: B)"],
  ["c", "one column or two"],
  ["n p", "next, previous surprise"],
  ["[ ]", "training step back, on"],
  ["Space", "pause, go on"],
  ["t", "table of the completion"],
  ["/", "find in all completions (Ctrl+F too where only near rows are written)"],
  ["Esc", "close, unpin"],
  ["?", "these keys"],
];

export function keysOf(event, { batch, state, actions, lanes, text }) {
  if (event.target.closest?.("input, select, textarea, summary, dialog")) return;
  const onButton = event.target.closest?.("button");
  const order = lanes.flatMap((lane) => lane.samples);
  if (!order.length) return;
  const sample = order.includes(state.sample) ? state.sample : order[0];
  const fresh = state.sample === null;
  const token = fresh ? -1 : state.token;
  const move = (to, k) => actions.goTo(to, Math.min(Math.max(k, 0), batch.lengths[to] - 1));
  const row = (by) => move(order[Math.min(Math.max(order.indexOf(sample) + (fresh ? 0 : by), 0), order.length - 1)], Math.max(0, token));
  const ctrl = event.ctrlKey || event.metaKey;
  const plain = !ctrl && !event.altKey;
  const keys = {
    ArrowRight: () => (ctrl ? move(sample, stepFrom(batch, sample, token, 1)) : move(sample, token + 1)),
    ArrowLeft: () => (ctrl ? move(sample, stepFrom(batch, sample, token, -1)) : move(sample, token - 1)),
    ArrowDown: () => row(1),
    ArrowUp: () => row(-1),
    Home: () => move(sample, 0),
    End: () => move(sample, batch.lengths[sample] - 1),
    PageDown: () => lane(1),
    PageUp: () => lane(-1),
    Enter: onButton ? null : () => !fresh && actions.pin({ sample, token }, ctrl),
    Escape: () => actions.close() || actions.change({ pins: [] }),
    c: plain ? () => actions.change({ split: !state.split }) : null,
    n: plain ? () => actions.surprise(1) : null,
    p: plain ? () => actions.surprise(-1) : null,
    t: plain ? () => actions.table(sample) : null,
    e: plain ? () => actions.expand(sample) : null,
    o: plain ? () => only() : null,
    "/": () => actions.find(),
    // The browser's own search sees only the rows that hold text.
    f: ctrl && text.element.querySelector(".ae-row:empty") ? () => actions.find() : null,
    "?": () => actions.help(),
    "[": () => actions.step?.(-1),
    "]": () => actions.step?.(1),
    " ": onButton ? null : () => actions.pause?.(),
  };
  const lane = (by) => {
    const full = lanes.filter((one) => one.samples.length);
    const at = full.findIndex((one) => one.samples.includes(sample));
    move(full[Math.min(Math.max(at + by, 0), full.length - 1)].samples[0], 0);
  };
  const only = () => {
    const { group, outcome } = lanes.find((one) => one.samples.includes(sample));
    actions.only(state.only ? null : { group, outcome });
  };
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (digit && plain && batch.estimators[digit[1] - 1]) {
    actions.focus(event.shiftKey ? "b" : "a", batch.estimators[digit[1] - 1].name);
  } else if (keys[event.key] && !(onButton && event.key.startsWith("Arrow"))) {
    keys[event.key]();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function stepFrom(batch, sample, token, by) {
  if (!batch.segment) return token + 10 * by;
  const from = batch.first[sample];
  const starts = [...within(batch.segment, from, batch.first[sample + 1])].map((t) => t - from);
  const next = by > 0 ? starts.find((k) => k > token) : starts.filter((k) => k < token).pop();
  return next ?? (by > 0 ? batch.lengths[sample] - 1 : 0);
}
