// Who a token is compared with: the runs of its class, and the sentence that says so.

import { counted, signed } from "./numbers.js";
import { blockName, outcomeName } from "./order.js";
import { MASKED, lackOf } from "./wire.js";

// [{sample, from, to}] of the tokens that share the class of token t; null if it has none.
export function peersOf(batch, estimator, t) {
  const of = estimator.peersOf?.(t);
  if (of === undefined || of === null || of < 0) return null;
  const last = recent.get(estimator);
  if (last?.class !== of) recent.set(estimator, { class: of, runs: memberRuns(batch, estimator.peers, of) });
  return recent.get(estimator);
}

const recent = new WeakMap(); // estimator -> the class that was asked for last

export function memberRuns(batch, { start, value, dense }, of) {
  const runs = [];
  const add = (from, to) => {
    for (let t = from; t < to; ) {
      const sample = batch.sample[t];
      const end = Math.min(to, batch.first[sample + 1]);
      runs.push({ sample, from: t - batch.first[sample], to: end - batch.first[sample] });
      t = end;
    }
  };
  const list = dense ?? value;
  for (let k = list.indexOf(of); k >= 0; k = list.indexOf(of, k + 1)) {
    if (dense) add(k, k + 1);
    else add(start[k], start[k + 1] ?? batch.tokens);
  }
  return runs;
}

export function sentence(batch, estimator, t) {
  const found = peersOf(batch, estimator, t);
  if (!found) {
    if (estimator.strip[t] === MASKED) return `${estimator.name}: ${lackOf(estimator, t)}, so there is nothing to compare.`;
    if (!estimator.shape.baseline) return `${estimator.name} compares it with nothing.`;
    const baseline = estimator.terms.baseline(t);
    const what = Number.isNaN(baseline) ? "a number of its own" : signed(baseline);
    return `${estimator.name} compares it with ${what}, and names no completions of which that is the mean.`;
  }
  const stratum = estimator.strata?.find((s) => s.class === found.class);
  const others = new Set(found.runs.map((run) => run.sample)).size - 1;
  if (!others) return `${estimator.name}: nobody to compare with, so the advantage is 0 by construction.`;
  const also = alsoText(batch, stratum);
  const mean = stratum?.baseline ?? null;
  const ending = mean === null ? "." : `; with this one they average ${signed(mean)}.`;
  return `${estimator.name}: compared with ${counted(others, "completion")}${also}${ending}`;
}

function alsoText(batch, stratum) {
  if (!stratum) return "";
  if (stratum.group === null) return " of several prompts";
  if (stratum.block === null || stratum.block === undefined) return " of the same prompt";
  if (stratum.block > 0 && stratum.outcome !== null && stratum.outcome !== undefined) {
    return ` that also came to \u201c${blockName(batch, stratum.block)}\u201d with the outcome \u201c${outcomeName(batch, stratum.outcome)}\u201d`;
  }
  return ` of the same prompt, in their block \u201c${blockName(batch, stratum.block)}\u201d`;
}
