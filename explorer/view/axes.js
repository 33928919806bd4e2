// Numbers, ticks and lines of a chart: what needs no page.

export const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

export function number(value, percent) {
  if (!known(value)) return "–";
  const minus = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (percent) return `${minus}${(100 * size).toFixed(size < 0.0995 ? 1 : 0)} %`;
  if (size === 0) return "0";
  if (size >= 1e5 || size < 1e-3) {
    const [digits, power] = size.toExponential(1).split("e");
    return `${minus}${digits}e${Number(power)}`;
  }
  return minus + (size >= 1000 ? Math.round(size).toLocaleString("en") : size.toPrecision(3));
}

export function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((k) => k >= rough * 0.75);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return found;
}

// Powers of ten, or 1-2-5 where the range holds fewer than two of them.
export function decades(low, high) {
  const found = [];
  const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((to - from) / 6));
  for (let k = from; k <= to; k += every) found.push(10 ** k);
  const inside = found.filter((t) => t >= low && t <= high);
  if (inside.length >= 2) return inside;
  const finer = [];
  for (let k = from; k <= to; k++) for (const m of [1, 2, 5]) finer.push(m * 10 ** k);
  return finer.filter((t) => t >= low && t <= high);
}

export function extent(panel) {
  let low = Infinity, high = -Infinity;
  for (const series of panel.series) {
    for (const values of [series.y, series.low, series.high]) {
      for (const value of values || []) {
        if (!known(value) || (panel.log && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  if (low > high) return panel.log ? [0.1, 1] : [0, 1];
  if (panel.log) return low === high ? [low / 2, high * 2] : [low / 1.15, high * 1.15];
  const room = low === high ? (Math.abs(low) || 1) * 0.1 : (high - low) * 0.06;
  const bounds = [low - room, high + room];
  if (low >= 0 && bounds[0] < 0) bounds[0] = 0;
  return bounds;
}

// Runs of points that are known, as the first and the one after the last; the logarithm of zero
// is not known.
function runs(y, log) {
  const found = [];
  for (let i = 0; i < y.length; i++) {
    if (!known(y[i]) || (log && y[i] <= 0)) continue;
    if (found.length && found[found.length - 1][1] === i) found[found.length - 1][1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}

// Points that no line reaches.
export const alone = (y, log) => runs(y, log).filter(([from, to]) => to - from === 1).map(([from]) => from);

// Where a value is not known the line breaks.
export function path(x, y, sx, sy, log) {
  const point = (value, i) => `${sx(x[i]).toFixed(1)} ${sy(value).toFixed(1)}`;
  return runs(y, log).map(([from, to]) =>
    `M${y.slice(from, to).map((value, k) => point(value, from + k)).join("L")}`).join("");
}

// An interval: as broken as its line.
export function band(series, sx, sy, log, floor) {
  const point = (i, value) => `${sx(series.x[i]).toFixed(1)} ${sy(value).toFixed(1)}`;
  const ends = series.high.map((high, i) => (known(series.low[i]) ? high : null));
  return runs(ends, log).filter(([from, to]) => to - from > 1).map(([from, to]) => {
    const places = Array.from({ length: to - from }, (_, k) => from + k);
    const there = places.map((i) => point(i, ends[i]));
    const back = places.reverse().map((i) => point(i, log ? Math.max(series.low[i], floor) : series.low[i]));
    return `M${there.join("L")}L${back.join("L")}Z`;
  }).join("");
}

// The label of a tick.
export function short(t) {
  const size = Math.abs(t);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return number(t, false).replace(".0e", "e");
  return String(Number(t.toPrecision(4))).replace("-", "−");
}
