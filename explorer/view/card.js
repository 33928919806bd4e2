// A token's card: every estimator's number, and the formula filled in with this token's terms.

import { make } from "./dom.js";
import { letter } from "./lanes.js";
import { about, filledIn, formula, plain, signed } from "./numbers.js";
import { blockName } from "./order.js";
import { colourOf } from "./scale.js";
import { sentence } from "./peers.js";
import { NOISE, isNoise } from "./pixels.js";
import { bytesOf, inShort, shown } from "./tokens.js";
import { advantage, lackOf, runAt } from "./wire.js";

// One line a fact; `t` is the token's place in the batch.
export function tokenFacts(batch, t) {
  const sample = batch.sample[t];
  const k = t - batch.first[sample];
  const measured = (name) => {
    const x = batch.measures[name]?.(t);
    return x === undefined || Number.isNaN(x) ? null : x;
  };
  const facts = [["place", `${k + 1} of ${batch.lengths[sample]}, completion ${sample + 1}`]];
  const logprob = measured("logprobs") ?? measured("old_logprobs");
  if (logprob !== null) facts.push(["probability", `${plain(Math.exp(logprob), logprob > -0.005 ? 5 : 3)} (log ${plain(logprob)})`]);
  for (const [name, label] of [
    ["old_logprobs", "log before update"],
    ["ref_logprobs", "log of reference"],
    ["entropy", "entropy"],
    ["values", "critic"],
  ]) {
    const x = measured(name);
    if (x !== null && !(name === "old_logprobs" && x === logprob)) facts.push([label, plain(x) + (name === "entropy" ? " nats" : "")]);
  }
  const truth = measured("mc_values");
  const error = measured("mc_sem");
  if (truth !== null) facts.push(["true value", plain(truth) + (error === null ? "" : ` \u00b1 ${plain(error)}`)]);
  const block = batch.blockOf?.(t) ?? -1;
  if (block >= 0) {
    const r = batch.block_rewards?.[sample]?.[block];
    facts.push(["block", `${blockName(batch, block)}${r === null || r === undefined ? "" : `, reward ${signed(r)}`}`]);
  }
  if (batch.segment) {
    const first = runAt(batch.segment, batch.first[sample]);
    const last = runAt(batch.segment, batch.first[sample + 1] - 1);
    facts.push(["step", `${runAt(batch.segment, t) - first + 1} of ${last - first + 1}`]);
  }
  return facts;
}

// Every estimator's number for token t, the largest share of its own scale first; last those without.
export function numbersOf(batch, t) {
  const rank = ({ share }) => (Number.isNaN(share) ? -Infinity : share);
  return batch.estimators
    .map((e) => {
      const { value, exact } = advantage(e, t);
      return { estimator: e, value, exact, share: value / e.scale };
    })
    .sort((p, q) => (rank(p) < rank(q)) - (rank(p) > rank(q)));
}

// Two tokens, number by number.
export function differenceCard({ batch }, first, second) {
  const before = new Map(numbersOf(batch, first).map((x) => [x.estimator.name, x.value]));
  const cell = (e, t, x) => make("td", {}, Number.isNaN(x) ? lackOf(e, t) : signed(x));
  const rows = numbersOf(batch, second).map(({ estimator: e, estimator: { name }, value }) =>
    make("tr", {}, make("th", { scope: "row" }, name), cell(e, first, before.get(name)), cell(e, second, value), make("td", {}, make("b", {}, Number.isNaN(value - before.get(name)) ? "\u2013" : signed(value - before.get(name))))),
  );
  const pin = (t) => `#${batch.sample[t] + 1}, token ${t - batch.first[batch.sample[t]] + 1}`;
  const head = ["estimator", `pin 1\n${pin(first)}`, `pin 2\n${pin(second)}`, "difference\n2 \u2212 1"].map((text) => make("th", { scope: "col" }, text));
  return make("table", { class: "ae-difference" }, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows));
}

// `pointed` is the estimator under the pointer: its peers are lit, so what is said of it comes first.
export function tokenCard(model, t, full = false, pointed = null) {
  const { batch, state, palette } = model;
  const whole = batch.pieces(batch.sample[t])[t - batch.first[batch.sample[t]]];
  const piece = inShort(whole);
  const rows = numbersOf(batch, t).map((x) => numberRow(x, { state, palette, t, full, pointed }));
  const focused = [...new Set([pointed, state.a, state.split ? state.b : null])]
    .map((name) => batch.estimators.find((e) => e.name === name))
    .filter(Boolean);
  return make(
    "div",
    { class: "ae-card" },
    make(
      "div",
      { class: "ae-cardhead" },
      make("code", { class: "ae-token" }, shown(piece, true).replace("\n", "").replace(/\u200b/g, "") || "\u2205"),
      make("span", { class: "ae-quiet" }, `id ${batch.ids[t]}`),
      make("span", { class: "ae-quiet ae-bytes" }, bytesOf(whole)),
    ),
    make("dl", { class: "ae-facts" }, [...tokenFacts(batch, t), ...unitFacts(model, t, focused)].map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text)))),
    make("div", { class: "ae-numbers", role: "list", "aria-label": "Advantage under each estimator" }, rows),
    make("p", { class: "ae-hint" }, "bar: share of the estimator's own limit, in this order"),
    focused.map((e) => make("p", { class: "ae-sentence" }, sentence(batch, e, t))),
    full ? null : make("p", { class: "ae-hint" }, "click pins, Esc closes"),
  );
}

// The colour of a longer unit is not the token's own number.
function unitFacts({ batch, layers, state }, t, focused) {
  if (state.granularity === "token") return [];
  const of = state.granularity === "own" ? "its own unit" : `its ${state.granularity}`;
  return focused.map((e) => {
    const x = layers.get(e.name).value(t);
    return [`${state.how} over ${of}, ${e.name}`, Number.isNaN(x) ? lackOf(e, t) : about(batch, t, signed(x))];
  });
}

function numberRow({ estimator, value, exact, share }, { state, palette, t, full, pointed }) {
  const known = !Number.isNaN(value);
  const column = state.a === estimator.name ? "a" : state.split && state.b === estimator.name ? "b" : null;
  const bar = make("span", { class: "ae-bar", "aria-hidden": "true" });
  if (known && value !== 0) {
    const width = 50 * Math.min(1, Math.abs(share));
    bar.append(make("i", { style: `width:${width}%;${value < 0 ? "right" : "left"}:50%;background:${colourOf(Math.sign(value), isNoise(estimator.name) ? NOISE : palette, 1)}` }));
  }
  const text = !known ? lackOf(estimator, t) : `${exact ? "" : "\u2248 "}${signed(value)}`;
  const terms = known ? filledIn(estimator, t, value) : null;
  return make(
    "div",
    { class: `ae-number${column || pointed === estimator.name ? " ae-number-shown" : ""}`, role: "listitem" },
    make("span", { class: "ae-numbername" }, column && letter(column), make("span", {}, estimator.name)),
    bar,
    make("span", { class: `ae-value${known ? "" : " ae-lack"}` }, text),
    make("span", { class: "ae-terms", title: terms ? `${formula(estimator.shape)} = ${terms}` : formula(estimator.shape) }, terms ? `= ${terms}` : full && known ? "terms not sent for this completion" : ""),
  );
}

// What a screen reader hears: "token 41 of 142, therefore, GRPO +0.31, BAE masked, step 3 of 7".
export function spoken(model, t) {
  const { batch, state } = model;
  const sample = batch.sample[t];
  const k = t - batch.first[sample];
  const names = state.split ? [state.a, state.b] : [state.a];
  const numbers = names.map((name) => {
    const e = batch.estimators.find((one) => one.name === name);
    const { value } = advantage(e, t);
    return `${name} ${Number.isNaN(value) ? lackOf(e, t) : signed(value)}`;
  });
  const step = tokenFacts(batch, t).find(([name]) => name === "step");
  const piece = inShort(batch.pieces(sample)[k]);
  const said = piece.trim() === "" ? (piece.includes("\n") ? "line break" : "space") : piece;
  return [`token ${k + 1} of ${batch.lengths[sample]}`, said, ...numbers, step && `step ${step[1]}`].filter(Boolean).join(", ");
}
