import assert from "node:assert/strict";
import { test } from "node:test";

import { feed } from "../../explorer/view/feed.js";

// As much of a page as the feed looks at.
function page() {
  const told = { taken: [] };
  globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
  globalThis.IntersectionObserver = class {
    constructor(call) {
      told.move = (...inSight) => call(inSight.map((isIntersecting) => ({ isIntersecting })));
    }
    observe() {}
    disconnect() {}
  };
  told.feed = feed({}, { take: (payload) => told.taken.push(payload), held: () => false });
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
