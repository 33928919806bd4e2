// Paints a strip: one row of pixels (or several) a completion, one column a token (or several).

import { faultsIn, overIn } from "./layers.js";
import { BEYOND, alphaOf } from "./scale.js";
import { MASKED } from "./wire.js";

const ABSENT = packed(128, 128, 128, 26);
const HATCH = [packed(128, 128, 128, 150), packed(128, 128, 128, 40)];
const FAULTY = [packed(0, 0, 0, 255), packed(255, 213, 0, 255)]; // no palette has this pair
const MIDDLE = 142; // the grey of zero, and how far the greys of the signs reach from it
const REACH = 82;
const LIFT = 0.35; // towards white
const FLOOR = 0.22; // of the alpha

// What tokens add to the noise of a gradient is no advantage, so it has a ramp of its own: the more,
// the deeper; grey takes noise away. The app calls such a strip "noise of" an estimator.
export const NOISE = { minus: [150, 150, 150], plus: [120, 40, 140], cap: 0.5 };

export function isNoise(name) {
  return name.startsWith("noise of ");
}

function packed(r, g, b, a) {
  return ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

// The colour of every bin, BEYOND opaque, as [r, g, b, alpha]. No text stands on a strip, so on a
// dark page it is lighter than the text's background: there the same colours would be near black.
export function stripColour(bin, palette, dark) {
  if (Math.abs(bin) > BEYOND) return [0, 0, 0, 0];
  if (isGrey(palette)) return [...Array(3).fill(Math.round(MIDDLE + (REACH * bin) / BEYOND)), 255];
  if (!bin) return [0, 0, 0, 0];
  const alpha = Math.abs(bin) === BEYOND ? 1 : alphaOf(bin, palette);
  const colour = bin < 0 ? palette.minus : palette.plus;
  if (!dark) return [...colour, Math.round(255 * alpha)];
  return [...colour.map((c) => Math.round(c + LIFT * (255 - c))), Math.round(255 * (FLOOR + (1 - FLOOR) * alpha))];
}

// One grey for both signs, which the text tells apart by lines; a strip has its own greys instead:
// dark for what hurt, light for what helped, the middle for zero.
export function isGrey({ minus, plus }) {
  return String(minus) === String(plus);
}

// What the ramp of a palette says to those who do not see it.
export function rampInWords(name) {
  if (name === "noise") return "purple adds noise, grey takes it away, no colour is none";
  if (name === "grey") return "Deeper grey is further from zero, the line under the text tells the sign; in the strips dark is negative and light is positive";
  const [minus, plus] = name.includes(" and ") ? name.split(" and ") : ["vermillion", "blue"];
  return `${minus} is negative, ${plus} is positive, no colour is zero`;
}

export function coloursOf(palette, dark) {
  return Uint32Array.from({ length: 256 }, (_, k) => packed(...stripColour(k - 128, palette, dark)));
}

export function paintStrip(canvas, layer, { batch, layout, colours }, ratio) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = width / batch.longest;
  const best = furthest(batch, layer.levels, width);
  for (const { sample, top } of layout.rows) {
    const table = layer.tableOf(sample);
    const row = best.subarray(sample * width, sample * width + Math.min(width, Math.ceil(batch.lengths[sample] * scale)));
    const y0 = Math.round(top * ratio);
    const y1 = Math.min(height, Math.round((top + layout.tall) * ratio));
    const line = y0 * width;
    let hatched = false;
    row.forEach((level, x) => {
      const bin = table[level];
      if (bin === MASKED) hatched = true;
      pixels[line + x] = colours[bin + 128];
    });
    pixels.fill(ABSENT, line + row.length, line + width);
    paintOver(pixels, line, scale, { batch, layer, sample, colours });
    for (let y = y0 + 1; y < y1; y++) pixels.copyWithin(y * width, line, line + width);
    const chequer = (x, sign) => {
      for (let y = y0; y < y1; y++) pixels[y * width + x] = sign((x + y) & 2, (x ^ y) & 2);
    };
    if (hatched) row.forEach((level, x) => table[level] === MASKED && chequer(x, (slant) => HATCH[slant ? 0 : 1]));
    // Whatever shares the pixel: one number that is none spoils the update.
    for (const t of faultsIn(layer, batch.first[sample], batch.first[sample + 1])) {
      const x = Math.floor((t - batch.first[sample]) * scale);
      for (let k = x; k < Math.max(x + 1, x + scale); k++) chequer(k, (_, square) => FAULTY[square ? 0 : 1]);
    }
  }
  context.putImageData(image, 0, 0);
}

// Of the tokens beyond the scale that share a pixel, the largest shows.
function paintOver(pixels, line, scale, { batch, layer, sample, colours }) {
  let last = -1;
  let largest = 0;
  for (const [t, bin] of overIn(layer, batch.first[sample], batch.first[sample + 1])) {
    const x = Math.floor((t - batch.first[sample]) * scale);
    const end = Math.max(x + 1, Math.floor((t - batch.first[sample] + 1) * scale));
    if (x === last && Math.abs(bin) <= largest) continue;
    [last, largest] = [x, Math.abs(bin)];
    pixels.fill(colours[bin + 128], line + x, line + end);
  }
}

// For each completion and column of pixels, level + 128 of the token that is furthest from zero. It
// does not depend on the limit, so it is made once for every width.
const columns = new WeakMap();

function furthest(batch, levels, width) {
  const last = columns.get(levels);
  if (last?.width === width) return last.best;
  const best = new Uint8Array(batch.samples * width);
  const scale = width / batch.longest;
  for (let i = 0; i < batch.samples; i++) {
    const [from, length] = [batch.first[i], batch.lengths[i]];
    const row = best.subarray(i * width, (i + 1) * width);
    if (scale >= 1) {
      const end = Math.min(width, Math.ceil(length * scale));
      for (let x = 0; x < end; x++) row[x] = levels[from + Math.min(length - 1, Math.floor(x / scale))] + 128;
      continue;
    }
    // Masked is 0 here, the nearest: any credit beside it is shown instead.
    for (let k = 0; k < length; k++) {
      const level = levels[from + k];
      const x = (k * scale) | 0;
      const other = row[x] - 128;
      if (level !== MASKED && (other === MASKED || Math.abs(level) > Math.abs(other))) row[x] = level + 128;
    }
  }
  columns.set(levels, { width, best });
  return best;
}
