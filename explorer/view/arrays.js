// The numbers as files: CSV for a spreadsheet, NPZ for NumPy. Columns and arrays are those of arrays.py.

import { advantage, lackOf, promptNumber } from "./wire.js";

const PART = 1 << 14; // numbers between two looks at the clock

// Both are generators that yield the share that is done and give back a Blob: the largest batch has
// 40 million numbers, and its CSV is longer than a string may be.
export function* csvOf(batch) {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const row = (cells) => `${cells.join(",")}\n`;
  const named = ["", "_state"].flatMap((what) => batch.estimators.map((e) => quoted(e.name + what)));
  const parts = [row(["completion", "prompt", "token", "id", "text", ...named])];
  for (let i = 0; i < batch.samples; i++) {
    const prompt = promptNumber(batch, batch.group[i]) ?? "";
    const pieces = batch.pieces(i);
    const rows = [];
    for (let k = 0; k < pieces.length; k++) {
      const t = batch.first[i] + k;
      const states = [];
      const numbers = batch.estimators.map((e) => {
        const { value, exact } = advantage(e, t);
        const lacks = Number.isNaN(value);
        states.push(lacks ? lackOf(e, t) : exact ? "" : "about"); // known to half a level
        return lacks ? "" : value;
      });
      // As a JSON literal a token can neither break the line nor be read as a spreadsheet's formula.
      const text = batch.text ? quoted(JSON.stringify(pieces[k])) : "";
      rows.push(row([i + 1, prompt, k + 1, batch.ids[t], text, ...numbers, ...states]));
      if (k % 256 === 255) yield t / batch.tokens;
    }
    parts.push(new Blob(rows)); // here, since to copy all of them at the end takes seconds
  }
  return new Blob(parts, { type: "text/csv" });
}

export function* npzOf(batch) {
  const files = [
    ["ids", batch.ids],
    ["sample", batch.sample],
    ["group", Int32Array.from(batch.group, (g) => promptNumber(batch, g) ?? g)],
    ["rewards", Float32Array.from(batch.rewards, (r) => r ?? NaN)],
  ];
  for (const [j, e] of batch.estimators.entries()) {
    const values = new Float32Array(batch.tokens);
    const [masked, unmeasured] = [new Uint8Array(batch.tokens), new Uint8Array(batch.tokens)];
    for (let t = 0; t < batch.tokens; t++) {
      values[t] = advantage(e, t).value;
      const lacks = Number.isNaN(values[t]) && lackOf(e, t);
      masked[t] = lacks === "masked";
      unmeasured[t] = lacks === "not measured";
      if (t % PART === 0) yield (j + t / batch.tokens) / batch.estimators.length / 2;
    }
    files.push([`advantage_${e.name}`, values], [`masked_${e.name}`, masked], [`unmeasured_${e.name}`, unmeasured]);
  }
  return yield* zip(files.map(([name, array]) => [`${name}.npy`, npy(array)]));
}

function npy(array) {
  const kind = array instanceof Float32Array ? "<f4" : array instanceof Uint8Array ? "|b1" : "<i4";
  let head = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${array.length},), }`;
  head += `${" ".repeat(63 - ((10 + head.length) % 64))}\n`;
  const bytes = new Uint8Array(10 + head.length + array.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, head.length & 255, head.length >> 8]);
  bytes.set(new TextEncoder().encode(head), 10);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 10 + head.length);
  return bytes;
}

// A zip archive whose files are stored, not compressed; their names are UTF-8 (0x800).
function* zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [j, [name, bytes]] of files.entries()) {
    const label = new TextEncoder().encode(name);
    let crc = -1;
    for (let k = 0; k < bytes.length; k++) {
      crc = (crc >>> 8) ^ CRC[(crc ^ bytes[k]) & 255];
      if (k % PART === 0) yield (1 + j / files.length) / 2;
    }
    const shared = [20, 0x800, 0, 0, 0x21, ~crc >>> 0, bytes.length, bytes.length, label.length, 0];
    const local = fields("IHHHHHIIIHH", [0x04034b50, ...shared]);
    directory.push(fields("IHHHHHHIIIHHHHHII", [0x02014b50, 20, ...shared, 0, 0, 0, 0, at]), label);
    parts.push(local, label, new Blob([bytes]));
    at += local.length + label.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = fields("IHHHHIIH", [0x06054b50, 0, 0, files.length, files.length, size, at, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

function fields(kinds, values) {
  const bytes = new DataView(new ArrayBuffer([...kinds].reduce((sum, kind) => sum + (kind === "I" ? 4 : 2), 0)));
  let at = 0;
  [...kinds].forEach((kind, k) => {
    if (kind === "I") bytes.setUint32(at, values[k], true);
    else bytes.setUint16(at, values[k], true);
    at += kind === "I" ? 4 : 2;
  });
  return new Uint8Array(bytes.buffer);
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
