// Which completions stand where: lanes of one prompt and one outcome, in the order they are drawn.

// [{group, outcome | null, block | null, samples, mean, baseline(estimator)}], empty strata included.
export function lanesOf(batch, state) {
  const block = state.lanes === "stratum" ? stratumBlock(batch) : null;
  const outcomes = block === null ? [null] : outcomesIn(batch, block);
  const groups = [...new Set(batch.group)].sort((a, b) => a - b);
  const lanes = [];
  for (const group of groups) {
    for (const outcome of outcomes) {
      const samples = [];
      for (let i = 0; i < batch.samples; i++) {
        const here = outcome === null || batch.outcomes[i][block] === outcome;
        if (batch.group[i] === group && here) samples.push(i);
      }
      lanes.push({ group, outcome, block, samples, mean: meanReward(batch, samples, block) });
    }
  }
  return lanes.filter((lane) => !state.only || inLane(lane, state.only));
}

export function inLane(lane, only) {
  return lane.group === only.group && (only.outcome === undefined || lane.outcome === only.outcome);
}

// The last block whose prefix has an outcome; null if none was judged.
export function stratumBlock(batch) {
  const blocks = batch.outcomes?.[0]?.length ?? 0;
  for (let k = blocks - 1; k > 0; k--) if (batch.outcomes.some((row) => row[k] >= 0)) return k;
  return null;
}

function outcomesIn(batch, block) {
  const known = new Set(batch.names.outcomes.map((_, o) => o));
  for (const row of batch.outcomes) known.add(row[block]);
  return [...known].sort((a, b) => b - a);
}

function meanReward(batch, samples, block) {
  const of = (i) => (block === null ? batch.rewards[i] : batch.block_rewards?.[i][block]);
  const known = samples.map(of).filter((r) => r !== null && r !== undefined);
  return known.length ? known.reduce((sum, r) => sum + r, 0) / known.length : null;
}

// What an estimator compares a lane with: its stratum, else the block or the whole group; null if
// there is not just one.
export function stratumOf(estimator, lane) {
  const found = estimator.strata?.filter((s) => s.group === lane.group) ?? [];
  const exact = found.find((s) => (s.block ?? null) === lane.block && (s.outcome ?? null) === lane.outcome);
  const ofBlock = found.find((s) => s.block === lane.block && (s.outcome ?? null) === null);
  return exact ?? ofBlock ?? (found.length === 1 ? found[0] : null);
}

export function outcomeName(batch, outcome) {
  return batch.names.outcomes[outcome] ?? `outcome ${outcome}`;
}

export function blockName(batch, block) {
  return batch.names.blocks[block] ?? `block ${block + 1}`;
}

// Where each completion is drawn in a strip: {sample, top} in pixels, and the height of all.
export function stripRows(lanes, height) {
  const many = lanes.reduce((n, lane) => n + lane.samples.length, 0);
  const tall = Math.min(12, Math.max(1, Math.floor(height / Math.max(1, many))));
  const rows = [];
  let top = 0;
  let group = null;
  for (const lane of lanes) {
    if (!lane.samples.length) continue;
    if (group !== null) top += lane.group === group ? (many > 320 ? 0 : 1) : many > 320 ? 1 : 3;
    group = lane.group;
    for (const sample of lane.samples) {
      rows.push({ sample, top });
      top += tall;
    }
  }
  const place = new Map(rows.map((row) => [row.sample, row.top]));
  return { rows, place, tall, height: Math.max(top, 1) };
}
