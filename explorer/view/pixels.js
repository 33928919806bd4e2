// Paints a strip: one row of pixels (or several) a completion, one column a token (or several).

import { BEYOND, alphaOf } from "./scale.js";
import { MASKED } from "./wire.js";

const ABSENT = packed(128, 128, 128, 26);
const HATCH = [packed(128, 128, 128, 150), packed(128, 128, 128, 40)];

function packed(r, g, b, a) {
  return ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

// The colour of every bin, BEYOND opaque.
export function coloursOf(palette) {
  return Uint32Array.from({ length: 256 }, (_, k) => {
    const bin = k - 128;
    if (!bin || Math.abs(bin) > BEYOND) return 0;
    const alpha = Math.abs(bin) === BEYOND ? 255 : Math.round(255 * alphaOf(bin, palette));
    return packed(...(bin < 0 ? palette.minus : palette.plus), alpha);
  });
}

export function paintStrip(canvas, layer, { batch, layout, colours }, ratio) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const { levels, table } = layer;
  const size = Uint8Array.from(table, (bin) => (bin === MASKED ? 0 : Math.abs(bin) + 1));
  const scale = width / batch.longest;
  const best = new Uint8Array(width); // level + 128 of the token furthest from zero
  const far = new Uint8Array(width);
  const over = overBySample(batch, layer.over);
  for (const { sample, top } of layout.rows) {
    const from = batch.first[sample];
    const length = batch.lengths[sample];
    const end = Math.min(width, Math.ceil(length * scale));
    if (scale >= 1) {
      for (let x = 0; x < end; x++) best[x] = levels[from + Math.min(length - 1, Math.floor(x / scale))] + 128;
    } else {
      best.fill(0, 0, end);
      far.fill(0, 0, end);
      for (let k = 0; k < length; k++) {
        const level = levels[from + k] + 128;
        const x = (k * scale) | 0;
        if (size[level] > far[x]) {
          far[x] = size[level];
          best[x] = level;
        }
      }
    }
    const y0 = Math.round(top * ratio);
    const y1 = Math.min(height, Math.round((top + layout.tall) * ratio));
    const line = y0 * width;
    let hatched = false;
    for (let x = 0; x < end; x++) {
      const bin = table[best[x]];
      if (bin === MASKED) hatched = true;
      pixels[line + x] = colours[bin + 128];
    }
    pixels.fill(ABSENT, line + end, line + width);
    for (const [t, bin] of over.get(sample) ?? []) {
      const x = Math.floor((t - from) * scale);
      pixels.fill(colours[bin + 128], line + x, line + Math.max(x + 1, Math.floor((t - from + 1) * scale)));
    }
    for (let y = y0 + 1; y < y1; y++) pixels.copyWithin(y * width, line, line + width);
    if (!hatched) continue;
    for (let x = 0; x < end; x++) {
      if (table[best[x]] !== MASKED) continue;
      for (let y = y0; y < y1; y++) pixels[y * width + x] = HATCH[(x + y) & 2 ? 0 : 1];
    }
  }
  context.putImageData(image, 0, 0);
}

function overBySample(batch, over) {
  const found = new Map();
  for (const entry of over) {
    const sample = batch.sample[entry[0]];
    if (!found.has(sample)) found.set(sample, []);
    found.get(sample).push(entry);
  }
  return found;
}
