// What the view shows, as one plain dict that app, notebook, file and address share.

import { SCOPES } from "./layers.js";
import { PALETTES } from "./scale.js";
import { GRANULARITIES } from "./units.js";

const flag = (x) => typeof x === "boolean";
const name = (x) => typeof x === "string";
const count = (x) => Number.isInteger(x) && x >= 0;
const oneOf = (list) => (x) => list.includes(x);
const place = (x) => count(x?.sample) && count(x?.token);
const lane = (x) => x === null || (count(x?.group) && ["undefined", "number", "object"].includes(typeof x.outcome));
// What is public, and what it may be: a state can come from a file or an address.
const VALID = {
  a: name,
  b: name,
  split: flag,
  granularity: oneOf(GRANULARITIES),
  how: oneOf(["sum", "mean"]),
  scope: oneOf(SCOPES),
  limit: (x) => Number.isFinite(x) && x > 0,
  lanes: oneOf(["stratum", "prompt"]),
  only: lane,
  pins: (x) => Array.isArray(x) && x.every(place),
  sample: (x) => x === null || count(x),
  token: count,
  palette: oneOf(Object.keys(PALETTES)),
  marks: flag,
  segments: flag,
  whitespace: flag,
  expanded: (x) => Array.isArray(x) && x.every(count),
  step: (x) => x === null || count(x),
  follow: flag,
  paused: flag,
};

// The parts of a dict that a state may have; what is garbled is left out, the rest holds.
export function known(given) {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([key, x]) => Object.hasOwn(VALID, key) && VALID[key](x)));
}

export function startState(batch, given = {}) {
  const names = batch.estimators.map((e) => e.name);
  const [a = names[0], b = names.find((other) => other !== a)] = batch.focus;
  return repaired(batch, {
    a,
    b: b ?? a,
    split: names.length > 1,
    granularity: "token",
    how: "sum",
    scope: "estimator",
    limit: 1,
    lanes: "stratum",
    only: null,
    pins: [],
    sample: null,
    token: 0,
    palette: "vermillion and blue",
    marks: true,
    segments: true,
    whitespace: false,
    expanded: [],
    step: batch.step,
    follow: true,
    paused: false,
    ...known(given),
  });
}

// A state that this batch can show: what it names must exist.
export function repaired(batch, state) {
  const names = batch.estimators.map((e) => e.name);
  const has = ({ sample, token }) => token < batch.lengths[sample];
  const stands = state.sample < batch.samples && state.token < Math.max(1, batch.lengths[state.sample]);
  const a = names.includes(state.a) ? state.a : names[0];
  const lacks = { step: !batch.segment, block: !batch.blockOf };
  return {
    ...state,
    a,
    b: names.includes(state.b) ? state.b : (names.find((other) => other !== a) ?? a),
    split: state.split && names.length > 1,
    granularity: lacks[state.granularity] ? "token" : state.granularity,
    pins: state.pins.filter(has).slice(-2),
    sample: state.sample !== null && stands ? state.sample : null,
    only: state.only && batch.group.includes(state.only.group) ? state.only : null,
    lanes: batch.outcomes ? state.lanes : "prompt",
  };
}

export function published(state) {
  return Object.fromEntries(Object.keys(VALID).map((key) => [key, state[key]]));
}
