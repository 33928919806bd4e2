// From a number to a colour: 16 steps on each side of zero, one more for what lies beyond the limit.

import { MASKED, levelValue } from "./wire.js";

export const STEPS = 16;
export const BEYOND = STEPS + 1;

// Okabe and Ito's vermillion and blue; alpha is capped so that text keeps 4.5:1 in both themes.
export const PALETTES = {
  "vermillion and blue": { minus: [213, 94, 0], plus: [0, 114, 178], cap: 0.85 },
  "high contrast": { minus: [213, 94, 0], plus: [0, 114, 178], cap: 0.6 },
  "orange and purple": { minus: [230, 97, 1], plus: [94, 60, 153], cap: 0.7 },
  grey: { minus: [110, 110, 110], plus: [110, 110, 110], cap: 0.6 },
};
const FAINTEST = 0.07;

// 0 is only zero; -16..16 inside the limit, -17 and 17 beyond it.
export function binOf(value, limit) {
  if (value === 0) return 0;
  if (Number.isNaN(value)) return MASKED;
  const size = Math.abs(value);
  const step = size > limit * 1.000001 ? BEYOND : Math.max(1, Math.ceil((STEPS * size) / limit - 1e-6));
  return value < 0 ? -Math.min(step, BEYOND) : Math.min(step, BEYOND);
}

export function alphaOf(bin, palette) {
  const step = Math.min(Math.abs(bin), STEPS);
  return step ? FAINTEST + ((palette.cap - FAINTEST) * step) / STEPS : 0;
}

export function colourOf(bin, palette, alpha = alphaOf(bin, palette)) {
  const [r, g, b] = bin < 0 ? palette.minus : palette.plus;
  return `rgba(${r}, ${g}, ${b}, ${alpha.toFixed(3)})`;
}

// The bin of every level of a strip, where the limit is `ratio` times the strip's scale.
export function tableFor(ratio) {
  if (!TABLES.has(ratio)) {
    if (TABLES.size > 200) TABLES.clear();
    const table = Int8Array.from({ length: 256 }, (_, k) => binOf(levelValue(k - 128, 1), ratio));
    TABLES.set(ratio, table);
  }
  return TABLES.get(ratio);
}

const TABLES = new Map();
