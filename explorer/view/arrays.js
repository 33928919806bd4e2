// The numbers as files: CSV for a spreadsheet, NPZ for NumPy.

import { advantage } from "./wire.js";

export function csvOf(batch) {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = [["completion", "token", "id", "text", ...batch.estimators.map((e) => quoted(e.name))].join(",")];
  for (let i = 0; i < batch.samples; i++) {
    batch.pieces(i).forEach((piece, k) => {
      const t = batch.first[i] + k;
      const numbers = batch.estimators.map((e) => {
        const { value } = advantage(e, t);
        return Number.isNaN(value) ? "" : value;
      });
      // As a JSON literal a token can neither break the line nor be read as a spreadsheet's formula.
      lines.push([i, k, batch.ids[t], quoted(JSON.stringify(piece)), ...numbers].join(","));
    });
  }
  return `${lines.join("\n")}\n`;
}

export function npzOf(batch) {
  const files = [
    ["ids", batch.ids],
    ["sample", batch.sample],
    ["group", Int32Array.from(batch.group)],
    ["rewards", Float32Array.from(batch.rewards, (r) => r ?? NaN)],
  ];
  for (const e of batch.estimators) {
    files.push([`advantage_${e.name}`, Float32Array.from({ length: batch.tokens }, (_, t) => advantage(e, t).value)]);
  }
  return zip(files.map(([name, array]) => [`${name}.npy`, npy(array)]));
}

function npy(array) {
  const kind = array instanceof Float32Array ? "<f4" : "<i4";
  let head = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${array.length},), }`;
  head += `${" ".repeat(63 - ((10 + head.length) % 64))}\n`;
  const bytes = new Uint8Array(10 + head.length + array.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, head.length & 255, head.length >> 8]);
  bytes.set(new TextEncoder().encode(head), 10);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 10 + head.length);
  return bytes;
}

// A zip archive whose files are stored, not compressed.
function zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const label = new TextEncoder().encode(name);
    const shared = [20, 0, 0, 0, 0x21, crc32(bytes), bytes.length, bytes.length, label.length, 0];
    const local = fields("IHHHHHIIIHH", [0x04034b50, ...shared]);
    directory.push(fields("IHHHHHHIIIHHHHHII", [0x02014b50, 20, ...shared, 0, 0, 0, 0, at]), label);
    parts.push(local, label, bytes);
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

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC[(crc ^ byte) & 255];
  return (crc ^ -1) >>> 0;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
