import assert from "node:assert/strict";
import { test } from "node:test";

import { feed } from "../../explorer/view/feed.js";

// As much of a page as the feed looks at.
function page() {
  const told = { taken: [], paused: false };
  globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
  globalThis.IntersectionObserver = class {
    constructor(call) {
      told.move = (...inSight) => call(inSight.map((isIntersecting) => ({ isIntersecting })));
    }
    observe() {}
    disconnect() {}
  };
  told.feed = feed({}, { take: (payload) => told.taken.push(payload), held: () => told.paused });
  return told;
}

test("what is out of sight waits, and only the newest is shown then", () => {
  const { feed: incoming, move, taken } = page();
  move(false);
  incoming.offer(1);
  incoming.offer(2);
  assert.deepEqual(taken, []);
  move(true);
  assert.deepEqual(taken, [2]);
  incoming.stop();
});

test("of several moves told at once the last one holds", () => {
  const { feed: incoming, move, taken } = page();
  move(false, true);
  incoming.offer(1);
  assert.deepEqual(taken, [1]);
  move(true, false);
  incoming.offer(2);
  assert.deepEqual(taken, [1]);
  incoming.stop();
});

const rest = (ms) => new Promise((done) => setTimeout(done, ms));

test("a turn without a batch is one of the ten a second, and a batch takes its place", async () => {
  const { feed: incoming, taken } = page();
  incoming.offer(1);
  incoming.turn();
  assert.deepEqual(taken, [1]);
  await rest(150);
  assert.deepEqual(taken, [1, null]);
  incoming.offer(2);
  incoming.turn();
  await rest(150);
  assert.deepEqual(taken, [1, null, 2]);
  assert.equal(incoming.skipped(), 0);
  incoming.stop();
});

test("a pause holds what waits for its turn already", async () => {
  const told = page();
  told.feed.offer(1);
  told.feed.offer(2);
  told.paused = true;
  await rest(150);
  assert.deepEqual(told.taken, [1]);
  told.feed.turn();
  assert.deepEqual(told.taken, [1, null]);
  told.paused = false;
  await rest(150);
  told.feed.resume();
  assert.deepEqual(told.taken, [1, null, 2]);
  told.feed.stop();
});
