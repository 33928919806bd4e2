// The text of a completion as it is shown: where each token stands in it, and what shares a grapheme.

const SPECIAL = /^<\|?[^<>\s]{1,40}\|?>$|^\[[A-Z]{2,12}\]$/;
// Invisible, or obeyed by whoever displays it; not what joins letters or emoji, nor the tags of a flag.
const SIGN =
  /\r\n|[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb]|(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]*)[\u{e0000}-\u{e007f}]/gu;
const SIGN_OR_SPACE = new RegExp(`${SIGN.source}| `, "gu");
// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

export function shown(piece, whitespace) {
  return piece.replace(whitespace ? SIGN_OR_SPACE : SIGN, glyph);
}

function glyph(sign) {
  const code = sign.codePointAt(0);
  if (sign === " ") return "\u00b7\u200b";
  if (sign === "\t") return "\u2192\t";
  // A highlight on a line break paints nothing, so a visible sign stands before the break.
  if (code === 10 || code === 13) return "\u21b5\n";
  if (code < 32) return String.fromCharCode(0x2400 + code);
  return `\u2039U+${code.toString(16).toUpperCase().padStart(4, "0")}\u203a`;
}

const LONG = 200; // characters or bytes of one token; more of it stands only in the text

// A token as a card, a table or a voice has it.
export function inShort(piece) {
  return piece.length > LONG ? `${piece.slice(0, LONG)}\u2026 (${piece.length} characters)` : piece;
}

export function isSpecial(piece) {
  return SPECIAL.test(piece);
}

// {text, start, pieces, special, whitespace, cell}: token k is text[start[k], start[k + 1]); `cell[k]` is the
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
  let cell = null; // graphemes take as long as all the rest, and words do not ask for them
  return { text, start, pieces, special, whitespace, get cell() { return (cell ??= cells(text, start)); } };
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

// What the policy wrote between two places of the shown text: no glyphs of ours. A sign that is
// shown as several letters belongs to it if the first of them does.
export function rawBetween(line, from, to) {
  let raw = "";
  for (let k = tokenAt(line, from); k < line.pieces.length && line.start[k] < to; k++) {
    const piece = line.pieces[k];
    const place = (x) => rawPlace(piece, line.whitespace, x - line.start[k]);
    raw += piece.slice(place(from), to < line.start[k + 1] ? place(to) : piece.length);
  }
  return raw;
}

function rawPlace(piece, whitespace, place) {
  let [raw, seen] = [0, 0];
  for (const { 0: sign, index } of piece.matchAll(whitespace ? SIGN_OR_SPACE : SIGN)) {
    if (seen + index - raw >= place) break;
    seen += index - raw + glyph(sign).length;
    raw = index + sign.length;
    if (seen >= place) return raw;
  }
  return Math.max(0, raw + place - seen);
}

// Where places of the text that the policy wrote stand in the shown text; they come in order.
export function shownPlaces(line, places) {
  const found = [];
  let [k, begin] = [0, 0];
  let [raw, seen] = [0, 0]; // of token k
  for (const place of places) {
    while (k + 1 < line.pieces.length && begin + line.pieces[k].length <= place) {
      begin += line.pieces[k++].length;
      [raw, seen] = [0, 0];
    }
    seen += shown(line.pieces[k].slice(raw, place - begin), line.whitespace).length;
    raw = place - begin;
    found.push(line.start[k] + seen);
  }
  return found;
}

export function bytesOf(piece) {
  const named = /^<0x([0-9A-Fa-f]{2})>$/.exec(piece);
  if (named) return `0x${named[1].toUpperCase()}`;
  const bytes = new TextEncoder().encode(piece);
  const first = Array.from(bytes.subarray(0, LONG), (b) => `0x${b.toString(16).toUpperCase().padStart(2, "0")}`);
  const more = bytes.length - first.length;
  return `${first.join(" ")}${more ? ` \u2026 and ${more} more` : ""}`;
}
