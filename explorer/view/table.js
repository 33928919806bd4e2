// Dialogs: one completion as a real table, and the keys.

import { make } from "./dom.js";
import { KEYS } from "./keys.js";
import { plain, signed } from "./numbers.js";
import { inShort, shown } from "./tokens.js";
import { advantage, lackOf, promptNumber } from "./wire.js";

const ROWS = 200;

function dialog(title, ...children) {
  const close = make("button", { class: "ae-icon", "aria-label": "Close" }, "\u00d7");
  const heading = make("h2", {}, title);
  const element = make("dialog", { class: "ae-dialog", "aria-label": title }, make("header", {}, heading, close), ...children);
  close.addEventListener("click", () => element.close());
  element.addEventListener("close", () => element.remove());
  return element;
}

export function openTable(root, batch, sample) {
  const body = make("div", { class: "ae-tablebox", tabindex: "0", role: "region", "aria-label": "Tokens and advantages" });
  const pages = Math.max(1, Math.ceil(batch.lengths[sample] / ROWS));
  let page = 0;
  const where = make("span", { class: "ae-quiet" });
  const turn = (by) => {
    page = Math.min(Math.max(page + by, 0), pages - 1);
    where.textContent = pages > 1 ? `rows ${page * ROWS + 1} to ${Math.min((page + 1) * ROWS, batch.lengths[sample])} of ${batch.lengths[sample]}` : "";
    body.replaceChildren(tableOf(batch, sample, page * ROWS));
  };
  const button = (text, by) => make("button", { class: "ae-button", onclick: () => turn(by) }, text);
  const prompt = promptNumber(batch, batch.group[sample]);
  const element = dialog(
    `Completion ${sample + 1}${prompt === null ? "" : ` of prompt ${prompt}`}`,
    pages > 1 ? make("div", { class: "ae-pages" }, button("previous", -1), button("next", 1), where) : "",
    body,
  );
  root.append(element);
  turn(0);
  element.showModal();
}

function tableOf(batch, sample, from) {
  const pieces = batch.pieces(sample);
  const to = Math.min(pieces.length, from + ROWS);
  const head = ["token", "text", "probability", ...batch.estimators.map((e) => e.name)];
  const rows = [];
  for (let k = from; k < to; k++) {
    const t = batch.first[sample] + k;
    const logprob = batch.measures.logprobs?.(t);
    const numbers = batch.estimators.map((e) => {
      const { value, exact } = advantage(e, t);
      return make("td", {}, Number.isNaN(value) ? lackOf(e, t) : `${exact ? "" : "\u2248 "}${signed(value)}`);
    });
    rows.push(
      make(
        "tr",
        {},
        make("th", { scope: "row" }, String(k + 1)),
        make("td", { class: "ae-tokentext" }, shown(inShort(pieces[k]), true).replace("\n", "")),
        make("td", {}, logprob === undefined || Number.isNaN(logprob) ? "" : plain(Math.exp(logprob))),
        numbers,
      ),
    );
  }
  return make(
    "table",
    {},
    make("caption", { class: "ae-hidden" }, `Advantage of each token of completion ${sample + 1} under each estimator`),
    make("thead", {}, make("tr", {}, head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, rows),
  );
}

export function openKeys(root) {
  const list = make("dl", { class: "ae-keys" }, KEYS.map(([keys, what]) => make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what))));
  const element = dialog("Keys", list);
  root.append(element);
  element.showModal();
}
