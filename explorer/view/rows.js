// The text: lanes of completions, each once or under A and B. Only rows near the window hold text.

import { make, present } from "./dom.js";
import { counted, plain, signed } from "./numbers.js";
import { baselineOf, blockName, outcomeName } from "./order.js";
import { lineOf } from "./tokens.js";

const FOLD = 9; // lines
const SVG = "http://www.w3.org/2000/svg";
const MARKS = ["chips", "ticks", "peers", "pins", "hover"];

export function textPane(id, actions) {
  const body = make("div", { class: "ae-lanes" });
  const heads = { a: make("div", { class: "ae-head" }), b: make("div", { class: "ae-head" }) };
  const columns = make("div", { class: "ae-heads", role: "row" }, make("span", { role: "columnheader", class: "ae-gutter" }, "completion"));
  for (const head of Object.values(heads)) columns.append(head);
  for (const head of Object.values(heads)) head.setAttribute("role", "columnheader");
  const element = make(
    "div",
    { class: "ae-text", role: "grid", tabindex: "0", "aria-label": "Completions, coloured by advantage" },
    make("div", { role: "rowgroup", class: "ae-headgroup" }, columns),
    body,
  );
  const rows = new Map(); // shell element -> {sample, cells, height}
  const shells = new Map(); // sample -> shell element
  let model = null;

  const seen = new IntersectionObserver(
    (entries) => {
      let changed = false;
      for (const { target, isIntersecting } of entries) {
        const row = rows.get(target);
        if (!row || row.near === isIntersecting) continue;
        row.near = isIntersecting;
        changed = true;
        if (isIntersecting) fill(target, row);
        else empty(target, row);
      }
      if (changed) actions.repaint();
    },
    { root: element, rootMargin: "240px 0px" },
  );

  function update(next) {
    model = next;
    const { batch, lanes, state } = model;
    element.classList.toggle("ae-split", state.split);
    heads.b.hidden = !state.split;
    element.setAttribute("aria-rowcount", String(batch.samples + lanes.length + 1));
    headline(heads.a, "a", state.a);
    if (state.split) headline(heads.b, "b", state.b);
    const kept = new Set();
    lanes.forEach((lane, k) => {
      const group = laneElement(k);
      group.replaceChildren(laneHead(lane, k), ...lane.samples.map((i) => shell(i, kept)));
    });
    while (body.children.length > lanes.length) body.lastChild.remove();
    for (const [sample, target] of shells) {
      if (kept.has(sample)) continue;
      seen.unobserve(target);
      rows.delete(target);
      shells.delete(sample);
    }
    for (const [target, row] of rows) if (row.near) fill(target, row);
  }

  function laneElement(k) {
    return body.children[k] ?? body.appendChild(make("div", { role: "rowgroup", class: "ae-lane" }));
  }

  function shell(sample, kept) {
    kept.add(sample);
    if (!shells.has(sample)) {
      const target = make("div", { class: "ae-row", id: `${id}-row${sample}`, "data-sample": sample });
      shells.set(sample, target);
      rows.set(target, { sample, near: false, cells: [], height: 0 });
      seen.observe(target);
    }
    const target = shells.get(sample);
    const row = rows.get(target);
    if (!row.near) target.style.height = `${row.height || guess(sample)}px`;
    return target;
  }

  // Good enough for the scroll bar; the row takes its true height when it comes near.
  function guess(sample) {
    const across = Math.max(20, (element.clientWidth - 110) / (model.state.split ? 2 : 1) / 8);
    return 26 * Math.min(FOLD, Math.ceil((1.3 * model.batch.lengths[sample]) / across)) + 14;
  }

  function headline(head, column, name) {
    const layer = model.layers.get(name);
    const e = model.batch.estimators.find((one) => one.name === name);
    const limit = layer.limits ? "each completion its own limit" : `full colour at \u00b1${plain(layer.limit)}`;
    const parts = [
      make("b", { class: `ae-letter ae-letter-${column}` }, column.toUpperCase()),
      make("span", { class: "ae-headname" }, name),
      make("span", { class: "ae-quiet" }, limit),
      e.reconstruction && make("span", { class: "ae-flag" }, "reconstruction"),
    ];
    head.replaceChildren(...present(parts));
  }

  function laneHead(lane, k) {
    const { batch, state } = model;
    const fresh = k === 0 || model.lanes[k - 1].group !== lane.group;
    const thin = lane.outcome !== null && lane.samples.length === 1;
    const one = state.only && state.only.group === lane.group && state.only.outcome === lane.outcome;
    const name = lane.outcome === null ? null : outcomeName(batch, lane.outcome);
    const baselines = (state.split ? ["a", "b"] : ["a"]).map((column) => {
      const e = batch.estimators.find((x) => x.name === state[column]);
      return [column, baselineOf(e, lane)];
    });
    const facts = [
      name && make("span", { class: `ae-outcome ae-outcome-${lane.outcome}` }, name),
      make("span", {}, `n ${lane.samples.length}`),
      lane.mean !== null &&
        make("span", {}, `mean reward ${lane.block === null ? "" : `of ${blockName(batch, lane.block)} `}${signed(lane.mean)}`),
      ...baselines.map(
        ([column, value]) => value !== null && make("span", { class: "ae-quiet" }, `baseline ${column.toUpperCase()} ${signed(value)}`),
      ),
      thin && make("span", { class: "ae-warn", title: "A stratum of one is its own mean: its advantage is 0." }, "\u26a0 nobody to compare with"),
      !lane.samples.length && make("span", { class: "ae-quiet" }, "no completion"),
    ];
    const filter = make(
      "button",
      {
        class: "ae-only",
        type: "button",
        "aria-pressed": String(Boolean(one)),
        title: one ? "Show all lanes again" : "Show only this lane",
        onclick: () => actions.only(one ? null : { group: lane.group, outcome: lane.outcome }),
      },
      one ? "show all" : "only",
    );
    const head = make("div", { class: "ae-lanehead", role: "row" }, make("div", { role: "gridcell", class: "ae-lanefacts" }, facts, filter));
    if (!fresh) return head;
    const prompt = batch.prompts?.[lane.group] ?? "";
    return make(
      "div",
      { role: "presentation", class: "ae-promptgroup" },
      make(
        "div",
        { class: "ae-prompt", role: "row" },
        make("div", { role: "gridcell" }, make("span", { class: "ae-quiet" }, `prompt ${lane.group + 1}`), " ", make("code", {}, prompt)),
      ),
      head,
    );
  }

  function fill(target, row) {
    const { batch, state } = model;
    const line = lineOf(batch.pieces(row.sample), state.whitespace);
    const names = state.split ? ["a", "b"] : ["a"];
    target.setAttribute("role", "row");
    if (row.cells.length !== names.length) {
      row.gutter = make("div", { class: "ae-gutter", role: "rowheader" });
      row.cells = names.map((column) => cellOf(column));
      row.more = make("button", { class: "ae-more", type: "button", tabindex: "-1", onclick: () => actions.expand(row.sample) });
      target.replaceChildren(row.gutter, ...row.cells.map((cell) => cell.box));
    }
    describe(row);
    const folded = !state.expanded.includes(row.sample);
    for (const cell of row.cells) {
      cell.sample = row.sample;
      cell.name = state[cell.column];
      if (cell.line?.text !== line.text || cell.nodes.length > 1) {
        cell.element.textContent = line.text;
        cell.nodes = [{ node: cell.element.firstChild ?? cell.element.appendChild(document.createTextNode("")), start: 0 }];
      }
      cell.line = line;
      cell.element.classList.toggle("ae-folded", folded);
    }
    target.style.height = "";
  }

  function empty(target, row) {
    row.height = target.getBoundingClientRect().height;
    target.style.height = `${row.height}px`;
    target.removeAttribute("role");
    target.replaceChildren();
    row.cells = [];
  }

  function cellOf(column) {
    const text = make("div", { class: "ae-line", dir: "auto" });
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "ae-marks");
    svg.setAttribute("aria-hidden", "true");
    const marks = {};
    for (const kind of MARKS) {
      marks[kind] = svg.appendChild(document.createElementNS(SVG, "path"));
      marks[kind].setAttribute("class", `ae-mark-${kind}`);
    }
    const box = make("div", { class: "ae-cell", role: "gridcell" }, text, svg);
    const cell = { box, element: text, nodes: [], line: null, column, marks };
    cellsByBox.set(box, cell);
    return cell;
  }
  const cellsByBox = new WeakMap();

  function describe(row) {
    const { batch, state } = model;
    const i = row.sample;
    const blocks = batch.block_rewards?.[i];
    const parts = blocks
      ? blocks.map((r, k) => make("span", { title: `reward of ${blockName(batch, k)}` }, r === null ? "\u2013" : signed(r)))
      : [make("span", { title: "reward" }, signed(batch.rewards[i]))];
    const facts = [
      make("button", { class: "ae-sample", type: "button", tabindex: "-1", title: "Show this completion as a table", onclick: () => actions.table(i) }, `#${i + 1}`),
      make("span", { class: "ae-rewards" }, parts),
      make("span", { class: "ae-quiet" }, counted(batch.lengths[i], "token")),
      batch.finished && !batch.finished[i] && make("span", { class: "ae-warn", title: "It was cut off at the longest length allowed." }, "cut off"),
      row.more,
    ];
    row.gutter.replaceChildren(...present(facts));
    row.more.hidden = true;
    row.more.textContent = state.expanded.includes(i) ? "fold" : "show all";
  }

  // Says "show all" where a folded row hides lines; turns to the line that matters most.
  function measure() {
    const tall = [];
    for (const row of rows.values()) {
      const cell = row.cells[0];
      if (!cell) continue;
      tall.push([row, cell.element.scrollHeight > cell.element.clientHeight + 2]);
    }
    for (const [row, hides] of tall) row.more.hidden = !hides && !model.state.expanded.includes(row.sample);
  }

  function cells() {
    return [...rows.values()].flatMap((row) => row.cells);
  }

  function cellAt(event) {
    const box = event.target.closest?.(".ae-cell");
    return box ? cellsByBox.get(box) : null;
  }

  function reveal(sample, block = "nearest") {
    shells.get(sample)?.scrollIntoView({ block, behavior: "instant" });
  }

  function window() {
    const bounds = element.getBoundingClientRect();
    return [...rows].filter(([target]) => {
      const r = target.getBoundingClientRect();
      return r.bottom > bounds.top && r.top < bounds.bottom;
    }).map(([, row]) => row.sample);
  }

  return { element, update, cells, cellAt, reveal, measure, window, shell: (i) => shells.get(i), stop: () => seen.disconnect() };
}
