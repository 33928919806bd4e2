// Reads what wire.py packs: a batch whose arrays are views into the bytes that came.

import { checkLengths } from "./lengths.js";

export const MASKED = -128;
const KINDS = { i1: Int8Array, u1: Uint8Array, i4: Int32Array, f4: Float32Array };
const INNER = new Set(["dense", "start", "value"]); // parts of a field
export const TERMS = ["target", "baseline", "scale", "weight", "bonus"];

export function unpack(bytes) {
  const { header, body } = opened(bytes);
  const resolve = (node, name) => {
    if (Array.isArray(node)) return typeof node[0] === "object" ? node.map((one) => resolve(one, name)) : node;
    if (node === null || typeof node !== "object") return node;
    if ("$" in node) return array(node, body, name);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value, INNER.has(key) ? name : key)]));
  };
  const whole = resolve(header, "header");
  if (whole.version !== 1) {
    throw new Error(`version: this view reads version 1, the data has ${whole.version}`);
  }
  return batchOf(whole);
}

function opened(bytes) {
  const source = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  // Typed arrays need aligned offsets, and a host may hand over any slice of its buffer.
  const buffer = source.byteOffset % 4 ? source.slice() : source;
  if (buffer.byteLength < 4) throw new Error("payload: it is empty");
  const size = new DataView(buffer.buffer, buffer.byteOffset).getUint32(0, true);
  if (4 + size > buffer.byteLength) {
    throw new Error(`payload: its header needs ${4 + size} bytes, got ${buffer.byteLength}`);
  }
  const text = new TextDecoder().decode(buffer.subarray(4, 4 + size));
  return { header: JSON.parse(text), body: buffer.subarray(4 + size) };
}

function array({ $: kind, at, n }, body, name) {
  const Kind = KINDS[kind];
  if (!Kind) throw new Error(`${name}: there is no kind ${kind} of number`);
  if (at + n * Kind.BYTES_PER_ELEMENT > body.byteLength) {
    throw new Error(`${name}: ${n} numbers at byte ${at} do not fit into ${body.byteLength} bytes`);
  }
  return new Kind(body.buffer, body.byteOffset + at, n);
}

function batchOf(header) {
  const samples = header.lengths.length;
  const first = new Int32Array(samples + 1);
  for (let i = 0; i < samples; i++) first[i + 1] = first[i] + header.lengths[i];
  const tokens = first[samples];
  const sample = new Int32Array(tokens);
  for (let i = 0; i < samples; i++) sample.fill(i, first[i], first[i + 1]);
  checkLengths(header, tokens, TERMS);
  const inner = detailIndex(header.detail, first, sample);
  const same = (t) => t;
  const batch = {
    ...header,
    samples,
    tokens,
    first,
    sample,
    longest: Math.max(1, ...header.lengths),
    place: inner,
    blockOf: reader(header.block, same),
    measures: Object.fromEntries(
      Object.entries(header.measures).map(([name, track]) => [name, reader(track, inner)]),
    ),
    pieces: piecesOf(header, first),
  };
  batch.estimators = header.estimators.map((e) => {
    const strip = spread(e.strip, tokens);
    const terms = {};
    for (const name of TERMS) terms[name] = reader(e.terms[name], inner);
    return { ...e, strip, strata: strataOf(e.strata, header.classes), shape: shapeOf(e.terms), terms, tracks: e.terms, beyond: listed(...e.beyond), peersOf: reader(e.peers, same) };
  });
  if (!batch.estimators.length) throw new Error("estimators: there is none");
  return batch;
}

// Where in the detailed arrays token t stands; -1 if its sample was left out.
function detailIndex(detail, first, sample) {
  if (detail === null) return (t) => t;
  const offset = new Map();
  let at = 0;
  for (const i of detail) {
    offset.set(i, at - first[i]);
    at += first[i + 1] - first[i];
  }
  return (t) => (offset.has(sample[t]) ? t + offset.get(sample[t]) : -1);
}

function strataOf(found, classes) {
  return found && classes[found.of].map((known, k) => ({ ...known, mean: found.mean[k], baseline: found.baseline[k] }));
}

function spread({ dense, start, value }, tokens) {
  if (dense) return dense;
  const levels = new Int8Array(tokens);
  for (let k = 0; k < start.length; k++) levels.fill(value[k], start[k], start[k + 1]);
  return levels;
}

function reader(track, place) {
  if (track === null || track === undefined) return null;
  if (typeof track === "number") return () => track;
  if (track.dense) return (t) => track.dense[place(t)] ?? NaN;
  return (t) => {
    const at = place(t);
    return at < 0 ? NaN : track.value[runAt(track.start, at)];
  };
}

// A value for some tokens, in their order.
export function listed(at, value) {
  const find = (t) => {
    const k = at.length ? runAt(at, t) : -1;
    return at[k] === t ? value[k] : undefined;
  };
  return { at, value, find };
}

// Index of the last start that is not beyond t.
export function runAt(start, t) {
  let low = 0;
  let high = start.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (start[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

// Those of the ordered tokens that lie in [from, to).
export function within(ordered, from, to) {
  const before = (t) => (ordered.length && ordered[0] < t ? runAt(ordered, t - 1) + 1 : 0);
  return ordered.subarray(before(from), before(to));
}

// The tokens of a list that lie in [from, to), and their values.
export function partOf({ at, value }, from, to) {
  const here = within(at, from, to);
  const first = (here.byteOffset - at.byteOffset) / at.BYTES_PER_ELEMENT;
  return [here, value.subarray(first, first + here.length)];
}

// Which terms an estimator uses at all: a weight and a scale of 1, a baseline and a bonus of 0 do nothing.
function shapeOf(terms) {
  const is = (track, number) =>
    track === number || (track?.value?.length > 0 && track.value.every((x) => x === number));
  return {
    baseline: !is(terms.baseline, 0),
    scale: !is(terms.scale, 1),
    weight: !is(terms.weight, 1),
    bonus: !is(terms.bonus, 0),
  };
}

function piecesOf(header, first) {
  const kept = new Map();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const cut = (i) => {
    const n = first[i + 1] - first[i];
    if (!n) return [];
    if (!header.text) return Array.from(header.ids.subarray(first[i], first[i + 1]), (id) => `${id} `);
    const { ends, utf8, between } = header.text;
    const pieces = decoder.decode(utf8.subarray(i ? ends[i - 1] : 0, ends[i])).split(between);
    pieces.pop(); // a separator stands behind each
    if (pieces.length !== n) {
      throw new Error(`text: sample ${i} has ${pieces.length} pieces, expected ${n}`);
    }
    return pieces;
  };
  return (i) => {
    if (!kept.has(i)) kept.set(i, cut(i));
    return kept.get(i);
  };
}

// The advantage that level q of a strip stands for; NaN where it is masked.
export function levelValue(q, scale) {
  if (q === MASKED) return NaN;
  return q === 0 ? 0 : (Math.sign(q) * (Math.abs(q) - 0.5) * scale) / 127;
}

// Why token t has no number: nothing was to be given, or could not be, or what was given is none.
export function lackOf({ not_a_number: none, unmeasured }, t) {
  const among = (list) => list[runAt(list, t)] === t;
  return !among(none) ? "masked" : among(unmeasured) ? "not measured" : "not a number";
}

// How many tokens have no number for a reason that is no mask: [[many, reason]].
export function lacksIn({ not_a_number: none, unmeasured }) {
  const reasons = [[none.length - unmeasured.length, "not a number"], [unmeasured.length, "not measured"]];
  return reasons.filter(([many]) => many > 0);
}

// The number of a prompt in its step; null where the host showed one and did not tell which.
export function promptNumber({ groups, group }, of) {
  return groups ? groups[of] : group.some((other) => other !== of) ? of : null;
}

// What the estimator gives token t, exactly where its terms came along, else to half a level.
export function advantage(estimator, t) {
  const { terms, strip, scale, beyond } = estimator;
  if (strip[t] === MASKED) return { value: NaN, exact: true };
  const value =
    (terms.weight(t) * (terms.target(t) - terms.baseline(t))) / terms.scale(t) + terms.bonus(t);
  if (!Number.isNaN(value)) return { value, exact: true };
  const listed = beyond.find(t);
  return { value: listed ?? levelValue(strip[t], scale), exact: listed !== undefined };
}
