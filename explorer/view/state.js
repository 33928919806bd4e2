// What the view shows, as one plain dict that app, notebook and file share.

export const PUBLIC = [
  "a", "b", "split", "granularity", "how", "scope", "limit", "lanes", "only", "pins", "sample", "token",
  "palette", "marks", "segments", "whitespace", "expanded", "step", "follow", "paused",
];

export function startState(batch, given = {}) {
  const names = batch.estimators.map((e) => e.name);
  const [a = names[0], b = names.find((name) => name !== a)] = batch.focus;
  const known = Object.fromEntries(Object.entries(given).filter(([key]) => PUBLIC.includes(key)));
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
    ...known,
  });
}

// A state that this batch can show: what it names must exist.
export function repaired(batch, state) {
  const names = batch.estimators.map((e) => e.name);
  const has = ({ sample, token }) => sample < batch.samples && token < batch.lengths[sample];
  const a = names.includes(state.a) ? state.a : names[0];
  return {
    ...state,
    a,
    b: names.includes(state.b) ? state.b : (names.find((name) => name !== a) ?? a),
    split: state.split && names.length > 1,
    pins: state.pins.filter(has).slice(-2),
    sample: state.sample !== null && state.sample < batch.samples ? state.sample : null,
    only: state.only && batch.group.includes(state.only.group) ? state.only : null,
    lanes: batch.outcomes ? state.lanes : "prompt",
  };
}

export function published(state) {
  return Object.fromEntries(PUBLIC.map((key) => [key, state[key]]));
}
