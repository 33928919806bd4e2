// Whether the arrays of a batch fit each other: what does not is named, before anything is drawn.

export function checkLengths(given, length, needed) {
  const samples = given.lengths.length;
  const { group } = given;
  // Who disagrees with two that agree is wrong.
  if (group.length === given.rewards.length) agree("lengths", samples, group.length);
  for (const what of ["group", "rewards", "finished", "block_rewards", "outcomes"]) {
    const rows = given[what];
    if (rows) agree(what, rows.length, samples);
    for (const row of rows ?? []) agree(what, row?.length, rows[0]?.length);
  }
  agree("ids", given.ids.length, length);
  if (given.text) agree("text", given.text.ends.length, samples);
  const asked = Math.max(-1, ...group) + 1;
  if (given.prompts?.length < asked) agree("prompts", given.prompts.length, asked);
  const sent = given.detail ? given.detail.reduce((sum, i) => sum + given.lengths[i], 0) : length;
  track("block", given.block, length);
  ordered("segment", given.segment, length);
  for (const what in given.measures) track(what, given.measures[what], sent);
  for (const e of given.estimators) {
    const of = (what) => `${what} of ${e.name}`;
    track(of("strip"), e.strip, length);
    for (const what of needed) track(of(what), e.terms[what], sent);
    track(of("peers"), e.peers, length);
    ordered(of("segment"), e.segment, length);
    track(of("beyond"), { start: e.beyond[0], value: e.beyond[1] }, length);
    for (const rows of e.strata ? [e.strata.mean, e.strata.baseline] : []) agree(of("strata"), rows.length, given.classes[e.strata.of]?.length);
  }
}

function agree(what, got, wanted) {
  if (got !== wanted) throw new Error(`${what}: has ${got} entries, expected ${wanted}`);
}

// Null, one number, or one for each of n tokens, runs of which may share it.
function track(what, held, n) {
  if (held?.dense) agree(what, held.dense.length, n);
  else if (held?.start) {
    agree(what, held.value.length, held.start.length);
    ordered(what, held.start, n);
  }
}

function ordered(what, begins, n) {
  for (let k = 0, last = -1; k < (begins?.length ?? 0); last = begins[k++]) {
    if (begins[k] <= last || begins[k] >= n) throw new Error(`${what}: entry ${k + 1} is ${begins[k]}, not in order in ${n} tokens`);
  }
}
