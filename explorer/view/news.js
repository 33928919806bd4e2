// What a screen reader is told of a change that no control of the browser tells by itself.

const same = (p, q) => JSON.stringify(p) === JSON.stringify(q);
const has = (list, one) => list.some((other) => same(other, one));

export function newsOf(before, after) {
  const said = [];
  if (["a", "b", "split"].some((key) => before[key] !== after[key])) {
    said.push(after.split ? `A ${after.a}, B ${after.b}` : `A ${after.a}`);
  }
  if (!same(before.pins, after.pins)) {
    const pinned = after.pins.filter((pin) => !has(before.pins, pin));
    const places = pinned.map(({ sample, token }) => `pinned token ${token + 1} of completion ${sample + 1}`);
    said.push(...(places.length ? places : ["unpinned"]), after.pins.length > 1 ? "2 pins" : "");
  }
  if (!same(before.only, after.only)) said.push(after.only ? "only this lane" : "all lanes");
  for (const i of after.expanded) if (!before.expanded.includes(i)) said.push(`all of completion ${i + 1}`);
  for (const i of before.expanded) if (!after.expanded.includes(i)) said.push(`completion ${i + 1} folded`);
  return said.filter(Boolean).join(", ");
}
