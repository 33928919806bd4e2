// The controls above the view, and the legend.

import { make, present } from "./dom.js";
import { letter } from "./lanes.js";
import { SCOPES } from "./layers.js";
import { plain } from "./numbers.js";
import { NOISE, isGrey, isNoise, rampInWords } from "./pixels.js";
import { PALETTES, STEPS, colourOf } from "./scale.js";
import { GRANULARITIES } from "./units.js";
import { lacksIn } from "./wire.js";

const SCOPE_NAMES = { estimator: "each estimator", all: "all estimators", completion: "each completion", locked: "locked at" };
const GRANULARITY_NAMES = { own: "its own unit" };

export function toolbar(actions) {
  const element = make("div", { class: "ae-bar-top", role: "toolbar", "aria-label": "View" });
  const legend = make("div", { class: "ae-legend" });
  let key = "";
  let legendKey = "";

  function update({ batch, state, palette, surprises, layers }) {
    drawLegend(batch, palette, state, layers);
    const now = JSON.stringify([state, batch.estimators.map((e) => e.name), batch.segment === null, batch.block === null, surprises.map((s) => s.text + s.sample + s.token)]);
    if (now === key) return;
    key = now;
    const names = batch.estimators.map((e) => e.name);
    const offered = GRANULARITIES.filter((g) => (g !== "step" || batch.segment) && (g !== "block" || batch.blockOf));
    const focused = element.contains(element.getRootNode().activeElement) ? element.getRootNode().activeElement.dataset.key : null;
    const open = [...element.querySelectorAll("details[open]")].map((one) => one.dataset.name);
    element.replaceChildren(
      group(
        "Estimators",
        letter("a", { "aria-hidden": "true" }),
        choice("a", "Estimator A", names, state.a, (name) => actions.focus("a", name)),
        state.split && make("button", { class: "ae-icon", title: "Swap A and B", "aria-label": "Swap A and B", "data-key": "swap", onclick: () => actions.change({ a: state.b, b: state.a }) }, "\u21c4"),
        state.split && letter("b", { "aria-hidden": "true" }),
        state.split && choice("b", "Estimator B", names, state.b, (name) => actions.focus("b", name)),
        names.length > 1 && toggle("split", "A|B", "Two estimators side by side (c)", state.split, (split) => actions.change({ split })),
      ),
      group(
        "Unit",
        make("span", { class: "ae-quiet" }, "for each"),
        choice("granularity", "Credit for each", offered, state.granularity, (granularity) => actions.change({ granularity }), GRANULARITY_NAMES),
        state.granularity !== "token" && choice("how", "Sum or mean", ["sum", "mean"], state.how, (how) => actions.change({ how })),
      ),
      group(
        "Scale",
        make("span", { class: "ae-quiet" }, "scale"),
        choice("scope", "Scale of", SCOPES, state.scope, (scope) => actions.scope(scope), SCOPE_NAMES),
        state.scope === "locked" && number("limit", "Locked limit", state.limit, (limit) => actions.change({ limit })),
      ),
      group(
        "Go to",
        surprises.length > 0 && make("button", { class: "ae-button", "data-key": "next", title: "Next surprise (n), back (p)", onclick: () => actions.surprise(1) }, "next surprise"),
        surprises.length > 0 && list(surprises),
        make("button", { class: "ae-icon", "data-key": "find", title: "Find text (/)", "aria-label": "Find text", onclick: () => actions.find() }, "\u2315"),
      ),
      menu(batch, state),
    );
    for (const name of open) element.querySelector(`[data-name="${name}"]`)?.setAttribute("open", "");
    if (focused) element.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  function drawLegend(batch, palette, state, layers) {
    // Beside an advantage, noise is told of at its strip, where its ramp is.
    const focused = [state.a, state.split ? state.b : state.a];
    const signed = focused.filter((name) => !isNoise(name));
    const noise = !signed.length;
    const [a, b = a] = (noise ? focused : signed).map((name) => layers.get(name));
    const end = (sign) => {
      if (a.each) return `${sign}limit`;
      return a.limit === b.limit ? sign + plain(a.limit) : `A ${sign}${plain(a.limit)}, B ${sign}${plain(b.limit)}`;
    };
    const faulty = [...new Set(batch.estimators.flatMap(lacksIn).map(([, words]) => words))].sort().join(" or ");
    const now = [end(""), state.scope, state.marks, state.palette, faulty, noise].join();
    if (now === legendKey) return;
    legendKey = now;
    const bins = Array.from({ length: 2 * STEPS + 1 }, (_, k) => k - STEPS);
    const parts = [
      make("span", {}, end("\u2212")),
      make("span", { class: "ae-ramp", role: "img", "aria-label": rampInWords(noise ? "noise" : state.palette) }, bins.map((bin) => make("i", { style: `background:${bin ? colourOf(bin, noise ? NOISE : palette) : "transparent"}` }))),
      make("span", {}, end("+")),
      state.scope !== "locked" && make("span", {}, `99th percentile of |${noise ? "noise" : "A"}|, ${SCOPE_NAMES[state.scope]}${a.each ? ": differs by row" : ""}`),
      isGrey(palette) && make("span", {}, "(strips: dark hurt, light helped)"),
      make("span", { class: "ae-swatch ae-masked-swatch", "aria-hidden": "true" }),
      make("span", {}, "masked"),
      faulty && make("span", { class: "ae-swatch ae-fault-swatch", "aria-hidden": "true" }),
      faulty && make("span", { class: "ae-fault" }, faulty),
      state.marks && make("span", { class: "ae-sample-plus" }, noise ? "adds noise" : "helped"),
      state.marks && make("span", { class: "ae-sample-minus" }, noise ? "takes it away" : "hurt"),
      state.marks && make("span", { class: "ae-sample-beyond" }, "beyond"),
    ];
    legend.replaceChildren(...present(parts));
  }

  function menu(batch, state) {
    const check = (name, text) => make("label", {}, make("input", { type: "checkbox", "data-key": name, checked: state[name], onchange: (event) => actions.change({ [name]: event.target.checked }) }), ` ${text}`);
    const button = (text, call) => make("button", { class: "ae-button", "data-key": text, onclick: call }, text);
    return unfolding(
      "menu",
      { class: "ae-menu" },
      make("summary", { class: "ae-icon", title: "More", "aria-label": "More settings", "data-key": "menu" }, "\u22ef"),
      make(
        "div",
        { class: "ae-panel", tabindex: "-1" },
        batch.outcomes && make("label", {}, "lanes ", choice("lanes", "Lanes", ["stratum", "prompt"], state.lanes, (lanes) => actions.change({ lanes, only: null }))),
        make("label", {}, "colours ", choice("palette", "Colours", Object.keys(PALETTES), state.palette, (palette) => actions.change({ palette }))),
        check("marks", "underline the sign"),
        check("segments", "mark where steps begin"),
        check("whitespace", "show spaces"),
        make("div", { class: "ae-row-of-buttons" }, button("PNG", () => actions.save("png")), button("CSV", () => actions.save("csv")), button("NPZ", () => actions.save("npz"))),
        button("table of this completion (t)", () => actions.table()),
        button("keys (?)", () => actions.help()),
      ),
    );
  }

  function list(surprises) {
    const entry = ({ text, sample, token, to }, k) =>
      make(
        "li",
        {},
        make("button", { class: "ae-entry", onclick: () => actions.toSurprise(k) }, text, make("span", { class: "ae-quiet" }, ` #${sample + 1}, token ${token + 1}${to - token > 1 ? ` to ${to}` : ""}`)),
      );
    const panel = unfolding("list", { class: "ae-menu ae-list" }, make("summary", { class: "ae-icon", title: "All surprises, 40 of a kind at most", "aria-label": `${surprises.length} surprises`, "data-key": "surprises" }, String(surprises.length)));
    // Filled when it is opened: hundreds of entries are more than the rest of the view.
    panel.addEventListener("toggle", () => {
      panel.querySelector(".ae-panel")?.remove();
      if (panel.open) panel.append(make("div", { class: "ae-panel", tabindex: "-1" }, make("ol", {}, surprises.map(entry))));
    });
    return panel;
  }

  return { element, legend, update };
}

// Closes when the focus goes elsewhere, or on Esc.
function unfolding(name, properties, ...children) {
  const element = make("details", { ...properties, "data-name": name }, ...children);
  element.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !element.contains(event.relatedTarget)) element.open = false;
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    element.open = false;
    element.firstChild.focus();
    event.stopPropagation();
  });
  return element;
}

function group(label, ...children) {
  return make("span", { class: "ae-group", role: "group", "aria-label": label }, ...children);
}

function choice(key, label, options, value, change, names = {}) {
  const element = make(
    "select",
    { class: "ae-select", "aria-label": label, "data-key": key, onchange: (event) => change(event.target.value) },
    options.map((option) => make("option", { value: option }, names[option] ?? option)),
  );
  element.value = value;
  return element;
}

function toggle(key, text, title, on, change) {
  return make("button", { class: "ae-button ae-toggle", title, "data-key": key, "aria-pressed": String(on), onclick: () => change(!on) }, text);
}

function number(key, label, value, change) {
  return make("input", {
    class: "ae-limitbox",
    type: "number",
    min: "0",
    step: "any",
    "aria-label": label,
    "data-key": key,
    value: String(Number(value.toPrecision(3))),
    onchange: (event) => Number(event.target.value) > 0 && change(Number(event.target.value)),
  });
}
