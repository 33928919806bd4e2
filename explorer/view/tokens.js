// The text of a completion as it is shown: where each token stands in it, and what shares a grapheme.

const SPECIAL = /^<\|?[^<>\s]{1,40}\|?>$|^\[[A-Z]{2,12}\]$/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
// Invisible, or able to reorder the text around them.
const INVISIBLE = /[\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

export function shown(piece, whitespace) {
  let text = piece.replace(CONTROL, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)));
  text = text.replace(
    INVISIBLE,
    (c) => `\u2039U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}\u203a`,
  );
  // A highlight on a line break paints nothing, so a visible sign stands before the break.
  text = text.replace(/\r?\n|\r/g, "\u21b5\n").replace(/\t/g, "\u2192\t");
  return whitespace ? text.replace(/ /g, "\u00b7\u200b") : text;
}

const LONG = 200; // characters of one token; more of it stands only in the text

// A token as a card, a table or a voice has it.
export function inShort(piece) {
  return piece.length > LONG ? `${piece.slice(0, LONG)}\u2026 (${piece.length} characters)` : piece;
}

export function isSpecial(piece) {
  return SPECIAL.test(piece);
}

// {text, start, pieces, special, cell}: token k is text[start[k], start[k + 1]); `cell[k]` is the
// first token of the grapheme that token k belongs to, usually k itself.
export function lineOf(pieces, whitespace) {
  const start = new Int32Array(pieces.length + 1);
  const special = [];
  let text = "";
  pieces.forEach((piece, k) => {
    start[k] = text.length;
    if (isSpecial(piece)) special.push(k);
    text += shown(piece, whitespace);
  });
  start[pieces.length] = text.length;
  return { text, start, pieces, special, cell: cells(text, start) };
}

function cells(text, start) {
  const n = start.length - 1;
  const cell = new Int32Array(n);
  const real = ASCII.test(text) ? null : graphemes(text);
  for (let k = 0; k < n; k++) {
    const joined = k > 0 && (start[k] === start[k - 1] || (real && !real.has(start[k])));
    const nothing = k > 0 && k === n - 1 && start[k] === start[k + 1];
    cell[k] = joined || nothing ? cell[k - 1] : k;
  }
  return cell;
}

function graphemes(text) {
  const edges = new Set([text.length]);
  for (const { index } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    edges.add(index);
  }
  return edges;
}

// The token at a place in the text.
export function tokenAt(line, offset) {
  let low = 0;
  let high = line.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (line.start[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

// What the policy wrote between two places of the shown text: no glyphs of ours.
export function rawBetween(line, from, to) {
  let raw = "";
  for (let k = tokenAt(line, from); k < line.pieces.length && line.start[k] < to; k++) {
    const glyphs = line.text.slice(line.start[k], line.start[k + 1]);
    const whole = from <= line.start[k] && to >= line.start[k + 1];
    raw +=
      whole || glyphs !== line.pieces[k]
        ? line.pieces[k]
        : glyphs.slice(Math.max(0, from - line.start[k]), to - line.start[k]);
  }
  return raw;
}

export function bytesOf(piece) {
  const named = /^<0x([0-9A-Fa-f]{2})>$/.exec(piece);
  if (named) return `0x${named[1].toUpperCase()}`;
  return Array.from(new TextEncoder().encode(piece), (b) =>
    `0x${b.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join(" ");
}
