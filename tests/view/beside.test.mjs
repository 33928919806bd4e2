import assert from "node:assert/strict";
import { test } from "node:test";

import { besideLine, roomBy, without } from "../../explorer/view/beside.js";

const AREA = { left: 0, right: 1000, top: 0, bottom: 800 };
const at = (line, pointer, size = { width: 400, height: 300 }, area = AREA) => besideLine(area, line, size, pointer);

test("a card stands beside the column of the line, to the right if it can", () => {
  assert.deepEqual(at({ left: 300, right: 500, top: 380, bottom: 420 }, { x: 350, y: 400 }), { left: 508, top: 340 });
  assert.deepEqual(at({ left: 500, right: 900, top: 380, bottom: 420 }, { x: 600, y: 400 }), { left: 92, top: 340 });
  assert.equal(at({ left: 300, right: 500, top: 780, bottom: 800 }, { x: 350, y: 790 }).top, 500);
});

test("where the column is wide it stands above the line, else below it, at the end where the least text stands", () => {
  const line = { left: 300, right: 900, top: 380, bottom: 420 };
  assert.deepEqual(at(line, { x: 350, y: 400 }), { left: 600, top: 80 });
  assert.deepEqual(at(line, { x: 890, y: 400 }), { left: 600, top: 80 });
  assert.deepEqual(at({ ...line, top: 280, bottom: 320 }, { x: 350, y: 300 }), { left: 600, top: 320 });
});

test("it says so where it fits nowhere", () => {
  const line = { left: 300, right: 900, top: 380, bottom: 420 };
  assert.equal(at(line, { x: 350, y: 400 }, { width: 400, height: 390 }), null);
  assert.equal(at(line, { x: 350, y: 400 }, { width: 1001, height: 10 }), null);
  assert.equal(at({ left: 300, right: 500, top: 380, bottom: 420 }, { x: 350, y: 400 }, { width: 10, height: 801 }), null);
});

test("a card too high scrolls in the larger room above or below, in reach of the pointer", () => {
  const line = { left: 300, right: 900, top: 380, bottom: 420 };
  assert.deepEqual(roomBy(AREA, line, { x: 350 }), { left: 326, top: 420, height: 380 });
  assert.deepEqual(roomBy(AREA, { ...line, top: 580, bottom: 620 }, { x: 350 }), { left: 326, top: 0, height: 580 });
  assert.equal(roomBy({ ...AREA, top: 200, bottom: 600 }, line, { x: 350 }), null);
});

test("pinned cards take the right or the lower part", () => {
  assert.equal(without(AREA, { width: 0, left: 0, top: 0 }), AREA);
  assert.deepEqual(without(AREA, { width: 300, left: 700, top: 100 }), { ...AREA, right: 692 });
  assert.deepEqual(without(AREA, { width: 1000, left: 0, top: 600 }), { ...AREA, bottom: 592 });
  assert.deepEqual(without(AREA, { width: 1000, left: 0, top: 900 }), AREA);
});
