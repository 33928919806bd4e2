// One canvas an estimator: rows are completions, columns are tokens. All of the batch at a glance.

import { make } from "./dom.js";
import { formula, percent, plain, signed } from "./numbers.js";
import { BEYOND, alphaOf } from "./scale.js";
import { MASKED } from "./wire.js";

export const STRIP_HEIGHT = 104; // pixels that a strip tries to stay within
const DIFFERENCE = "A \u2212 B";
const ABSENT = [128, 128, 128, 26];
const HATCH = [
  [128, 128, 128, 150],
  [128, 128, 128, 40],
];

export function stripsPane(actions) {
  const element = make("div", { class: "ae-strips", role: "region", "aria-label": "All estimators" });
  const strips = new Map();
  let current = null;

  const strip = (name) => {
    if (strips.has(name)) return strips.get(name);
    const base = make("canvas", { role: "img" });
    const veil = make("canvas", { class: "ae-veil", "aria-hidden": "true" });
    const pick = (column) =>
      make(
        "button",
        {
          class: `ae-pick ae-pick-${column}`,
          type: "button",
          title: `Colour column ${column.toUpperCase()} by ${name}`,
          onclick: () => actions.focus(column, name),
        },
        column.toUpperCase(),
      );
    const made = {
      a: pick("a"),
      b: pick("b"),
      limit: make("span", { class: "ae-limit" }),
      formula: make("div", { class: "ae-formula" }),
      base,
      veil,
      box: make("div", { class: "ae-canvas" }, base, veil),
    };
    made.flag = make("span", { class: "ae-flag", hidden: true }, "reconstruction");
    const title = make("button", { class: "ae-name", type: "button" }, name);
    title.addEventListener("click", (event) => actions.focus(event.shiftKey ? "b" : "a", name));
    title.addEventListener("pointerenter", () => actions.preview(name));
    title.addEventListener("pointerleave", () => actions.preview(null));
    made.label = title;
    made.section = make(
      "section",
      { class: "ae-strip", "aria-label": name },
      make("header", {}, made.a, made.b, title, made.flag, made.limit),
      made.formula,
      made.box,
    );
    made.box.addEventListener("pointermove", (event) => {
      const at = hit(made.box, event);
      if (at) actions.hover({ ...at, estimator: name }, event);
    });
    made.box.addEventListener("pointerleave", () => actions.leave());
    made.box.addEventListener("click", (event) => {
      const at = hit(made.box, event);
      if (at) actions.show(at);
    });
    strips.set(name, made);
    return made;
  };

  const hit = (box, event) => {
    const bounds = box.getBoundingClientRect();
    const { rows, tall } = current.layout;
    const y = event.clientY - bounds.top;
    const row = rows.find(({ top }) => y >= top && y < top + tall);
    if (!row) return null;
    const k = Math.floor(((event.clientX - bounds.left) / bounds.width) * current.batch.longest);
    return k < current.batch.lengths[row.sample] ? { sample: row.sample, token: k } : null;
  };

  function update(model) {
    current = model;
    const drawn = new Map(model.both ? [[DIFFERENCE, model.both], ...model.layers] : model.layers);
    const names = [...drawn.keys()];
    for (const [name, made] of strips) {
      if (!names.includes(name)) {
        made.section.remove();
        strips.delete(name);
      }
    }
    const width = Math.max(60, element.clientWidth - 24);
    names.forEach((name, k) => {
      const made = strip(name);
      if (element.children[k] !== made.section) element.insertBefore(made.section, element.children[k] ?? null);
      label(made, name, drawn.get(name), model);
      paint(made, drawn.get(name), model, width);
    });
  }

  function label(made, name, layer, { batch, state }) {
    const e = batch.estimators.find((one) => one.name === name);
    made.a.setAttribute("aria-pressed", String(state.a === name));
    made.b.setAttribute("aria-pressed", String(state.split && state.b === name));
    made.b.hidden = made.a.hidden = !e;
    made.limit.textContent = layer.limits ? "each row" : `\u00b1${plain(layer.limit)}`;
    made.formula.textContent = e ? formula(e.shape) : "each in units of its limit";
    if (e?.masked > 0) made.formula.append(make("span", { class: "ae-quiet" }, ` \u00b7 ${percent(e.masked)} masked`));
    if (e?.not_a_number) {
      made.formula.append(make("span", { class: "ae-warn" }, ` \u00b7 ${e.not_a_number} not a number`));
    }
    made.flag.hidden = !e?.reconstruction;
    made.label.title = e?.note ?? "";
    made.label.disabled = !e;
    made.base.setAttribute("aria-label", summary(name, layer));
  }

  function paint(made, layer, model, width) {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const { layout } = model;
    for (const canvas of [made.base, made.veil]) {
      const [w, h] = [Math.round(width * ratio), Math.round(layout.height * ratio)];
      if (canvas.width !== w) canvas.width = w;
      if (canvas.height !== h) canvas.height = h;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${layout.height}px`;
    }
    paintStrip(made.base, layer.bins, model, ratio);
  }

  // Everything that is not a peer fades; the token itself is framed.
  function light({ peers, token }) {
    for (const made of strips.values()) {
      const context = made.veil.getContext("2d");
      const { width, height } = made.veil;
      context.clearRect(0, 0, width, height);
      if (!peers && !token) continue;
      const ratio = height / current.layout.height;
      const across = width / current.batch.longest;
      const place = new Map(current.layout.rows.map(({ sample, top }) => [sample, top]));
      const tall = current.layout.tall;
      if (peers) {
        context.fillStyle = getComputedStyle(element).backgroundColor;
        context.globalAlpha = 0.72;
        context.fillRect(0, 0, width, height);
        context.globalAlpha = 1;
        for (const { sample, from, to } of peers) {
          if (!place.has(sample)) continue;
          context.clearRect(from * across, place.get(sample) * ratio, (to - from) * across, tall * ratio);
        }
      }
      if (token && place.has(token.sample)) {
        context.strokeStyle = getComputedStyle(element).color;
        context.lineWidth = ratio;
        const y = place.get(token.sample) * ratio;
        const x = token.token * across;
        context.strokeRect(x - ratio, y - ratio, Math.max(across, ratio) + 2 * ratio, (tall + 2) * ratio);
      }
    }
  }

  return { element, update, light, canvases: () => [...strips].map(([name, made]) => ({ name, canvas: made.base })) };
}

function summary(name, layer) {
  let low = 0;
  let high = 0;
  let plus = 0;
  let known = 0;
  for (let t = 0; t < layer.bins.length; t++) {
    if (layer.bins[t] === MASKED) continue;
    known++;
    if (layer.bins[t] > 0) plus++;
    if (layer.bins[t] > high) high = layer.bins[t];
    if (layer.bins[t] < low) low = layer.bins[t];
  }
  const share = known ? percent(plus / known) : "none";
  const reach = (bin) => signed((Math.min(Math.abs(bin), 16) / 16) * layer.limit * Math.sign(bin));
  return `${name}: from ${reach(low)} to ${reach(high)}, ${share} of the tokens positive`;
}

function packed([r, g, b, a]) {
  return ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

export function paintStrip(canvas, bins, { batch, layout, palette }, ratio) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = new Uint32Array(2 * BEYOND + 1);
  for (let bin = -BEYOND; bin <= BEYOND; bin++) {
    const alpha = Math.abs(bin) === BEYOND ? 1 : alphaOf(bin, palette);
    if (bin) colours[bin + BEYOND] = packed([...(bin < 0 ? palette.minus : palette.plus), Math.round(255 * alpha)]);
  }
  const hatch = HATCH.map(packed);
  const absent = packed(ABSENT);
  const edge = new Int32Array(width + 1);
  for (let x = 0; x <= width; x++) edge[x] = Math.floor((x * batch.longest) / width);
  const masked = new Uint8Array(width);
  for (const { sample, top } of layout.rows) {
    const y0 = Math.round(top * ratio);
    const y1 = Math.min(height, Math.round((top + layout.tall) * ratio));
    const from = batch.first[sample];
    const length = batch.lengths[sample];
    const line = pixels.subarray(y0 * width, (y0 + 1) * width);
    let any = false;
    for (let x = 0; x < width; x++) {
      masked[x] = 0;
      if (edge[x] >= length) {
        line[x] = absent;
        continue;
      }
      // Many tokens in a pixel: the one furthest from zero.
      let best = MASKED;
      let size = -1;
      const last = Math.min(length, Math.max(edge[x] + 1, edge[x + 1]));
      for (let t = from + edge[x]; t < from + last; t++) {
        const bin = bins[t];
        if (bin === MASKED) continue;
        const far = bin < 0 ? -bin : bin;
        if (far > size) {
          size = far;
          best = bin;
        }
      }
      if (best === MASKED) {
        masked[x] = 1;
        any = true;
        line[x] = hatch[(x + y0) & 2 ? 0 : 1];
      } else line[x] = colours[best + BEYOND];
    }
    for (let y = y0 + 1; y < y1; y++) {
      pixels.copyWithin(y * width, y0 * width, (y0 + 1) * width);
      if (!any) continue;
      for (let x = 0; x < width; x++) if (masked[x]) pixels[y * width + x] = hatch[(x + y) & 2 ? 0 : 1];
    }
  }
  context.putImageData(image, 0, 0);
}
