// What stands above and beside the text: prompts, strata with their numbers, completions' facts.

import { make, present } from "./dom.js";
import { counted, plain, signed } from "./numbers.js";
import { blockName, outcomeName, stratumOf } from "./order.js";
import { isNoise } from "./pixels.js";
import { shown } from "./tokens.js";
import { promptNumber } from "./wire.js";

export function letter(column, props = {}) {
  return make("b", { class: `ae-letter ae-letter-${column}`, ...props }, column.toUpperCase());
}

export function columnHead(column, { batch, layers, state }) {
  const name = state[column];
  const layer = layers.get(name);
  const e = batch.estimators.find((one) => one.name === name);
  return present([
    letter(column),
    make("span", { class: "ae-headname", title: e.note }, name),
    e.reconstruction && make("span", { class: "ae-flag" }, "reconstruction"),
    make("span", { class: "ae-quiet" }, layer.each ? "each completion its own limit" : `full colour at ${isNoise(name) ? "" : "\u00b1"}${plain(layer.limit)}`),
  ]);
}

export function promptHead(batch, group) {
  const cell = make("div", { role: "gridcell" }, make("span", { class: "ae-quiet" }, `prompt ${promptNumber(batch, group) ?? ""}`.trim()));
  if (batch.prompts) cell.append(" ", make("code", {}, shown(batch.prompts[group], false)));
  return make("div", { class: "ae-prompt", role: "row" }, cell);
}

export function laneHead(lane, { batch, state }, actions) {
  const n = lane.samples.length;
  const only = state.only?.group === lane.group && state.only.outcome === lane.outcome;
  const of = lane.block === null ? "" : `of ${blockName(batch, lane.block)} `;
  const columns = n > 0 ? ["a", state.split && "b"].filter(Boolean) : [];
  const strata = columns.map((column) => stratumOf(batch.estimators.find((e) => e.name === state[column]), lane));
  const baselines = columns.map((column, k) => {
    const { baseline = null, block = null, outcome = null } = strata[k] ?? {};
    if (baseline === null) return null;
    const wider = lane.outcome === null || outcome !== null ? "" : block === null ? " of the whole prompt" : " of every outcome";
    return make("span", { class: "ae-quiet" }, `baseline ${column.toUpperCase()}${wider} ${signed(baseline)}`);
  });
  const alone = columns.filter((_, k) => strata[k]?.n === 1).map((column) => column.toUpperCase()).join(" and ");
  const facts = present([
    lane.outcome !== null && make("span", { class: "ae-outcome" }, outcomeName(batch, lane.outcome)),
    n > 0 && make("span", {}, `n ${n}`),
    lane.mean !== null && make("span", {}, `mean reward ${of}${signed(lane.mean)}`),
    ...baselines,
    alone && make("span", { class: "ae-warn", title: `A stratum of one is its own mean, so its advantage is 0: ${alone}.` }, `\u26a0 ${alone}: nobody to compare with`),
    n === 0 && make("span", { class: "ae-quiet" }, "no completion"),
  ]);
  const filter = make(
    "button",
    {
      class: "ae-only",
      tabindex: "-1",
      "aria-pressed": String(Boolean(only)),
      title: only ? "Show all lanes again" : "Show only this lane, here and in the strips",
      onclick: () => actions.only(only ? null : { group: lane.group, outcome: lane.outcome }),
    },
    only ? "show all" : "only",
  );
  return make("div", { class: "ae-lanehead", role: "row", "data-lane": `${lane.group} ${lane.outcome}` }, make("div", { role: "gridcell", class: "ae-lanefacts" }, facts, n > 0 && filter));
}

export function sampleFacts(batch, i, actions) {
  const blocks = batch.block_rewards?.[i] ?? [batch.rewards[i]];
  const title = (k) => (batch.block_rewards ? `reward of ${blockName(batch, k)}` : "reward");
  const number = make(
    "button",
    { class: "ae-sample", tabindex: "-1", title: "Show this completion as a table", onclick: () => actions.table(i) },
    `#${i + 1}`,
  );
  const rewards = blocks.map((r, k) => make("span", { title: title(k) }, r === null ? "\u2013" : signed(r)));
  return present([
    make("span", { class: "ae-rewards" }, number, rewards),
    make("span", { class: "ae-quiet" }, counted(batch.lengths[i], "token")),
    batch.finished?.[i] === false && make("span", { class: "ae-warn", title: "It reached the longest length allowed." }, "cut off"),
  ]);
}
