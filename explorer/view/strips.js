// One canvas an estimator: rows are completions, columns are tokens. All of the batch at a glance.

import { make } from "./dom.js";
import { tallyOf } from "./limits.js";
import { formula, percent, plain } from "./numbers.js";
import { NOISE, coloursOf, isNoise, paintStrip, rampInWords, stripColour } from "./pixels.js";
import { STEPS } from "./scale.js";
import { isDark } from "./theme.js";
import { MASKED, lacksIn } from "./wire.js";

export const STRIP_HEIGHT = 104; // pixels that a strip tries to stay within
const DIFFERENCE = "A \u2212 B";

export function stripsPane(actions) {
  const element = make("div", { class: "ae-strips", role: "region", "aria-label": "All estimators" });
  const strips = new Map();
  let current = null;
  let width = 224;
  let pointed = { peers: null, token: null };
  // Only what is seen is painted: of twenty strips, five fit.
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const made = strips.get(target.getAttribute("aria-label"));
        if (made?.section !== target) continue;
        made.near = isIntersecting;
        paint(made);
      }
    },
    { root: element, rootMargin: "60px 0px" },
  );

  function strip(name) {
    const pick = (column) =>
      make(
        "button",
        {
          class: `ae-pick ae-pick-${column}`,
          title: `Colour column ${column.toUpperCase()} by ${name}`,
          onclick: () => actions.focus(column, name),
        },
        column.toUpperCase(),
      );
    const base = make("canvas", { role: "img", "aria-label": name });
    const veil = make("canvas", { class: "ae-veil", "aria-hidden": "true" });
    const made = {
      name,
      key: "",
      near: false,
      painted: null,
      lit: null,
      picks: { a: pick("a"), b: pick("b") },
      title: make(
        "button",
        {
          class: "ae-name",
          onclick: (event) => actions.focus(event.shiftKey ? "b" : "a", name),
          onpointerenter: () => actions.preview(name),
          onpointerleave: () => actions.preview(null),
        },
        name,
      ),
      flag: make("span", { class: "ae-flag" }, "reconstruction"),
      limit: make("span", { class: "ae-limit" }),
      formula: make("div", { class: "ae-formula" }),
      base,
      veil,
    };
    made.box = make("div", { class: "ae-canvas" }, base, veil);
    const header = make("header", {}, made.picks.a, made.picks.b, made.title, made.flag, made.limit);
    made.section = make("section", { class: "ae-strip", "aria-label": name }, header, made.formula, made.box);
    made.box.addEventListener("pointermove", (event) => {
      const at = hit(made.box, event);
      if (at) actions.hover({ ...at, estimator: name }, event, element);
      else actions.leave();
    });
    made.box.addEventListener("pointerleave", actions.leave);
    made.box.addEventListener("click", (event) => {
      const at = hit(made.box, event);
      if (at) actions.show(at);
    });
    strips.set(name, made);
    seen.observe(made.section);
    return made;
  }

  function hit(box, event) {
    const bounds = box.getBoundingClientRect();
    const { rows, tall } = current.layout;
    const y = event.clientY - bounds.top;
    const row = rows.find(({ top }) => y >= top && y < top + tall);
    const token = Math.floor(((event.clientX - bounds.left) / bounds.width) * current.batch.longest);
    return row && token < current.batch.lengths[row.sample] ? { sample: row.sample, token } : null;
  }

  function update(model) {
    const dark = isDark(getComputedStyle(element).backgroundColor);
    const kept = current?.palette === model.palette && current.dark === dark;
    const colours = kept ? current : { colours: coloursOf(model.palette, dark), noise: coloursOf(NOISE, dark) };
    current = { ...model, dark, colours: colours.colours, noise: colours.noise };
    const drawn = new Map(model.both ? [[DIFFERENCE, model.both], ...model.layers] : model.layers);
    for (const [name, made] of strips) {
      if (drawn.has(name)) continue;
      seen.unobserve(made.section);
      made.section.remove();
      strips.delete(name);
    }
    let k = 0;
    for (const [name, layer] of drawn) {
      const made = strips.get(name) ?? strip(name);
      if (element.children[k] !== made.section) element.insertBefore(made.section, element.children[k] ?? null);
      k++;
      label(made, name, layer);
      size(made);
      made.layer = layer;
      paint(made);
    }
  }

  // Again only if something about it changed.
  function paint(made) {
    if (!made.near || !current) return;
    const { layout } = current;
    const colours = isNoise(made.name) ? current.noise : current.colours;
    const now = [made.layer, colours, layout, made.base.width, made.base.height];
    if (now.some((part, k) => part !== made.painted?.[k])) {
      paintStrip(made.base, made.layer, { ...current, colours }, density());
      made.painted = now;
    }
    veil(made);
  }

  function label(made, name, layer) {
    const { batch, state } = current;
    const e = batch.estimators.find((one) => one.name === name);
    const noise = isNoise(name);
    const limit = layer.each ? "each row" : `${noise ? "up to " : "\u00b1"}${plain(layer.limit)}`;
    const on = { a: state.a === name, b: state.split && state.b === name };
    const of = noise ? "noise added, average token = 1" : e ? formula(e.shape) : layer.says;
    const key = [limit, on.a, on.b, e?.masked, e?.not_a_number.length, e?.unmeasured.length, e?.note, of, noise && current.dark].join("|");
    if (key === made.key) return;
    made.key = key;
    for (const column of ["a", "b"]) {
      made.picks[column].setAttribute("aria-pressed", String(on[column]));
      made.picks[column].hidden = !e;
    }
    made.limit.textContent = limit;
    made.formula.replaceChildren(
      ...(e ? lacksIn(e) : []).map(([many, words]) => make("span", { class: "ae-warn ae-fault" }, `${many} ${words} \u00b7 `)),
      ...(noise ? [ramp(current.dark)] : []),
      make("span", { class: "ae-shape" }, of),
      ...(e?.masked > 0 ? [make("span", {}, ` \u00b7 ${percent(e.masked)} masked`)] : []),
    );
    made.formula.title = made.formula.textContent;
    made.flag.hidden = !e?.reconstruction;
    made.title.title = e?.note ?? "";
    made.title.disabled = !e;
  }

  function density() {
    return Math.min(2, window.devicePixelRatio || 1);
  }

  function size(made) {
    const [w, h] = [Math.round(width * density()), Math.round(current.layout.height * density())];
    if (made.base.width === w && made.base.height === h) return;
    for (const canvas of [made.base, made.veil]) {
      [canvas.width, canvas.height] = [w, h];
      canvas.style.width = `${width}px`;
      canvas.style.height = `${current.layout.height}px`;
    }
  }

  // What a screen reader is told in place of the picture; strip by strip.
  function* describe() {
    for (const made of strips.values()) {
      const summary = summaryOf(made.layer, current.batch.estimators.find((one) => one.name === made.name));
      if (made.said !== summary) made.base.setAttribute("aria-label", `${made.name}: ${summary}`);
      made.said = summary;
      yield;
    }
  }

  // Everything that is not a peer fades; the token itself is framed.
  function light(at) {
    pointed = at;
    for (const made of strips.values()) veil(made);
  }

  function veil(made) {
    const { peers, token } = pointed;
    if (!made.near || (!made.lit && !peers && !token)) return;
    made.lit = Boolean(peers || token);
    const { batch, layout } = current;
    const canvas = made.veil;
    const look = getComputedStyle(element);
    const context = canvas.getContext("2d");
    const [down, across] = [canvas.height / layout.height, canvas.width / batch.longest];
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (peers) {
      context.globalAlpha = 0.72;
      context.fillStyle = look.backgroundColor;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.globalAlpha = 1;
      for (const { sample, from, to } of peers) {
        if (layout.place.has(sample)) context.clearRect(from * across, layout.place.get(sample) * down, (to - from) * across, layout.tall * down);
      }
    }
    if (!token || !layout.place.has(token.sample)) return;
    context.strokeStyle = look.color;
    context.lineWidth = down;
    const [w, h] = [Math.max(across, 3 * down), Math.max(layout.tall * down, 5 * down)];
    const x = Math.min(token.token * across, canvas.width - w);
    const y = Math.min(layout.place.get(token.sample) * down, canvas.height - h);
    context.strokeRect(x + down / 2, y + down / 2, w - down, h - down);
  }

  function resize() {
    const now = Math.max(60, element.clientWidth - 24);
    const changed = now !== width;
    width = now;
    return changed;
  }

  return { element, update, describe, light, resize, stop: () => seen.disconnect() };
}

function ramp(dark) {
  const part = (bin) => {
    const [r, g, b, alpha] = stripColour(bin, NOISE, dark);
    return make("i", { style: `background:rgba(${r},${g},${b},${alpha / 255})` });
  };
  return make("span", { class: "ae-ramp", role: "img", "aria-label": rampInWords("noise") }, [-STEPS, -STEPS / 2, 0, STEPS / 4, STEPS / 2, (3 * STEPS) / 4, STEPS].map(part));
}

function summaryOf({ levels, faults, limit, each }, e) {
  const noise = isNoise(e?.name ?? "");
  const lacks = e ? lacksIn(e) : [[faults.length, "not a number"]].filter(([many]) => many);
  const counts = tallyOf(levels);
  const masked = counts[MASKED + 128];
  const sum = (part) => part.reduce((n, m) => n + m, 0);
  const share = (n) => percent(n / Math.max(1, levels.length - masked));
  const full = each ? "each completion its own limit" : `full colour at ${plain(limit)}`;
  return `${share(sum(counts.subarray(129)))} of the tokens ${noise ? "add noise" : "positive"}, ${share(sum(counts.subarray(1, 128)))} ${noise ? "take it away" : "negative"}, ${full}${lacks.map(([many, words]) => `, ${many} ${words}`).join("")}`;
}
