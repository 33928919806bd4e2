// Numbers as people read them: three significant digits, the sign always printed.

const MINUS = "\u2212";

export function plain(x, digits = 3) {
  if (x === null || x === undefined || Number.isNaN(x)) return "not measured";
  if (!Number.isFinite(x)) return x > 0 ? "\u221e" : `${MINUS}\u221e`;
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text =
    size >= 1e5 || size < 1e-4
      ? size.toExponential(digits - 1).replace("e-", `e${MINUS}`).replace("e+", "e")
      : String(Number(size.toPrecision(digits)));
  return (x < 0 ? MINUS : "") + text;
}

export function signed(x) {
  return x > 0 ? `+${plain(x)}` : plain(x);
}

// A number of token t whose terms did not come along is known to half a level only.
export function about(batch, t, text) {
  return batch.place(t) < 0 ? `\u2248 ${text}` : text;
}

export function percent(share) {
  if (share > 0 && share < 0.001) return "<0.1 %";
  return `${Number((100 * share).toPrecision(2))} %`;
}

// "A = (target − baseline) / scale", with the terms that the estimator uses.
export function formula(shape) {
  return `A = ${filled(shape, {
    target: "target",
    baseline: "baseline",
    scale: "scale",
    weight: "weight",
    bonus: "bonus",
  })}`;
}

// "(1 − 0.375) / 0.518" for token t, with as many digits as give back what is shown of `advantage`;
// null where the terms did not come along.
export function filledIn(estimator, t, advantage) {
  const terms = Object.entries(estimator.terms).map(([name, read]) => [name, read(t)]);
  if (terms.some(([, x]) => Number.isNaN(x))) return null;
  const { scale, weight } = Object.fromEntries(terms);
  const log = (x) => Math.floor(Math.log10(Math.abs(x) || 1));
  const last = log(advantage) - 3; // power of ten
  const of = { bonus: last, target: last + log(scale / weight), baseline: last + log(scale / weight) };
  const digits = (name, x) => (name in of ? Math.min(9, Math.max(3, log(x) - of[name] + 1)) : 4);
  return filled(estimator.shape, Object.fromEntries(terms.map(([name, x]) => [name, plain(x, digits(name, x))])));
}

function filled(shape, { target, baseline, scale, weight, bonus }) {
  let text = target;
  if (shape.baseline) {
    const below = baseline.startsWith(MINUS) ? `(${baseline})` : baseline;
    text = `${target} ${MINUS} ${below}`;
    if (shape.weight || shape.scale) text = `(${text})`;
  }
  if (shape.weight) text = `${weight} \u00d7 ${text}`;
  if (shape.scale) text = `${text} / ${scale}`;
  if (shape.bonus) {
    text = bonus.startsWith(MINUS) ? `${text} ${MINUS} ${bonus.slice(1)}` : `${text} + ${bonus}`;
  }
  return text;
}

export function counted(n, thing) {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}
