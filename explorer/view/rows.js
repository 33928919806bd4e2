// The text: lanes of completions, each once or under A and B. Only rows near the window hold text.

import { make } from "./dom.js";
import { columnHead, laneHead, promptHead, sampleFacts } from "./lanes.js";
import { rectsOf } from "./place.js";
import { lineOf } from "./tokens.js";

const FOLD = 9; // lines, as in view.css
const FRAMES = 12; // in which rows take their true height
const SVG = "http://www.w3.org/2000/svg";
const MARKS = ["chips", "ticks", "peers", "pins", "hover"];

export function textPane(id, actions) {
  const head = (name) => make("div", { class: name, role: "columnheader" });
  const heads = { a: head("ae-head"), b: head("ae-head") };
  const gutter = head("ae-gutter");
  gutter.textContent = "completion";
  const body = make("div", { class: "ae-lanes", role: "presentation" });
  const element = make(
    "div",
    { class: "ae-text", role: "grid", tabindex: "-1", "aria-label": "Completions, coloured by advantage" },
    make("div", { role: "rowgroup", class: "ae-headgroup" }, make("div", { class: "ae-heads", role: "row" }, gutter, heads.a, heads.b)),
    body,
  );
  const rows = new Map(); // sample -> {sample, shell, near, cells, height}
  const cellsByBox = new WeakMap();
  let model = null;
  let current = null; // the row that the Tab key comes to
  let across = 40; // letters in a line
  let aiming = 0;

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const row = rows.get(Number(target.dataset.sample));
        if (!row || row.shell !== target || row.near === isIntersecting) continue;
        row.near = isIntersecting;
        if (isIntersecting) fill(row);
        else empty(row);
      }
      actions.repaint();
    },
    { root: element, rootMargin: "240px 0px" },
  );

  function update(next) {
    model = next;
    const { batch, lanes, state } = model;
    const held = Boolean(current) && element.getRootNode().activeElement === current.shell;
    element.classList.toggle("ae-split", state.split);
    element.classList.toggle("ae-bracketed", state.segments && !["token", "word"].includes(state.granularity));
    element.setAttribute("aria-rowcount", String(batch.samples + lanes.length + 1));
    heads.b.hidden = !state.split;
    for (const column of state.split ? ["a", "b"] : ["a"]) heads[column].replaceChildren(...columnHead(column, model));
    const kept = new Set(lanes.flatMap((lane) => lane.samples));
    for (const [sample, row] of rows) {
      if (kept.has(sample)) continue;
      seen.unobserve(row.shell);
      rows.delete(sample);
    }
    lanes.forEach((lane, k) => {
      const group = body.children[k] ?? body.appendChild(make("div", { role: "rowgroup", class: "ae-lane" }));
      const fresh = k === 0 || lanes[k - 1].group !== lane.group;
      const above = [...(fresh ? [promptHead(batch, lane.group)] : []), laneHead(lane, model, actions)];
      rebuild(group, above, lane.samples.map((i) => rowOf(i).shell));
    });
    while (body.children.length > lanes.length) body.lastChild.remove();
    for (const row of rows.values()) if (row.near) fill(row);
    rove(rows.get(state.sample) ?? rows.get(lanes[0]?.samples[0]) ?? null, held);
  }

  // One row is a stop of the Tab key, and keeps the focus when rows are put in another order.
  function rove(row, held) {
    const last = current;
    current = row;
    for (const one of [last, current]) if (one) announce(one);
    if (held || element.getRootNode().activeElement === element) focus();
  }

  // To a reader of the screen an empty row is none, unless it has the focus.
  function announce({ shell, sample, near }) {
    const is = shell === current?.shell;
    const say = { role: "row", "aria-label": `completion ${sample + 1}`, tabindex: is ? "0" : "-1" };
    for (const [name, words] of Object.entries(say)) {
      if (near || is) shell.setAttribute(name, words);
      else shell.removeAttribute(name);
    }
  }

  function focus() {
    current?.shell.focus({ preventScroll: true });
  }

  // Rows that are where they should be stay untouched: moving them would lay out everything again.
  function rebuild(group, above, shells) {
    const heads = [...group.children].filter((old) => !old.dataset.sample);
    const now = [...group.children].slice(heads.length);
    const same = now.length === shells.length && shells.every((shell, k) => shell === now[k]);
    if (same && heads.length === above.length && heads.every((head, k) => head.isEqualNode(above[k]))) return;
    for (const old of heads) old.remove();
    if (!same) group.replaceChildren(...shells);
    group.prepend(...above);
  }

  function rowOf(sample) {
    if (!rows.has(sample)) {
      const shell = make("div", { class: "ae-row", id: `${id}-row${sample}`, "data-sample": sample });
      rows.set(sample, { sample, shell, near: false, cells: [], height: 0 });
      seen.observe(shell);
    }
    const row = rows.get(sample);
    if (!row.near) {
      // Good enough for the scroll bar; the row takes its true height when it comes near.
      const lines = Math.min(FOLD, Math.ceil((1.3 * model.batch.lengths[sample]) / (model.state.split ? across / 2 : across)));
      row.shell.style.height = `${row.height || 26 * lines + 14}px`;
    }
    return row;
  }

  function fill(row) {
    const { batch, state } = model;
    const line = lineOf(batch.pieces(row.sample), state.whitespace);
    const columns = state.split ? ["a", "b"] : ["a"];
    if (row.cells.length !== columns.length) {
      row.gutter = make("div", { class: "ae-gutter", role: "rowheader" });
      row.more = make("button", { class: "ae-more", tabindex: "-1", hidden: true, onclick: () => actions.expand(row.sample) });
      row.cells = columns.map(cellOf);
      row.shell.replaceChildren(row.gutter, ...row.cells.map((cell) => cell.box));
      announce(row);
      row.shell.style.height = "";
    }
    const open = state.expanded.includes(row.sample);
    row.more.textContent = open ? "fold" : "show all";
    row.gutter.replaceChildren(...sampleFacts(batch, row.sample, actions), row.more);
    for (const cell of row.cells) {
      cell.sample = row.sample;
      cell.name = state[cell.column];
      if (cell.line?.text !== line.text || cell.nodes.length > 1) {
        cell.element.textContent = line.text;
        cell.nodes = [{ node: cell.element.firstChild ?? cell.element.appendChild(document.createTextNode("")), start: 0 }];
      }
      cell.line = line;
      cell.element.classList.toggle("ae-folded", !open);
    }
  }

  function empty(row) {
    row.height = row.shell.getBoundingClientRect().height;
    row.shell.style.height = `${row.height}px`;
    announce(row);
    row.shell.replaceChildren();
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
    const labels = svg.appendChild(document.createElementNS(SVG, "g"));
    labels.setAttribute("class", "ae-labels");
    const cell = { box: make("div", { class: "ae-cell", role: "gridcell" }, text, svg), element: text, nodes: [], line: null, column, marks, labels };
    cellsByBox.set(cell.box, cell);
    return cell;
  }

  // Offers "show all" where a folded row hides lines.
  function measure() {
    const open = (row) => model.state.expanded.includes(row.sample);
    const near = [...rows.values()].filter((row) => row.cells.length);
    const hides = near.map(({ cells: [{ element: text }] }) => text.scrollHeight > text.clientHeight + 2);
    near.forEach((row, k) => {
      row.more.hidden = !hides[k] && !open(row);
    });
  }

  function resize() {
    across = Math.max(30, (element.clientWidth - 150) / 8);
  }

  // Brings the line of a token into sight, and again while the rows above it take their height.
  function reveal(sample, token) {
    let left = FRAMES;
    let open = model.state.expanded.includes(sample);
    const aim = () => {
      const row = rows.get(sample);
      row?.shell.scrollIntoView({ block: "nearest", behavior: "instant" });
      const [cell] = row?.cells ?? [];
      const [rect] = cell ? rectsOf(cell, token, token + 1) : [];
      if (rect) {
        const [view, line] = [element, cell.element].map((one) => one.getBoundingClientRect());
        if (!open && rect.top > line.bottom - 2) {
          open = true;
          actions.unfold(sample);
        }
        element.scrollTop += Math.max(0, rect.bottom + 8 - view.bottom) || Math.min(0, rect.top - 48 - view.top);
      }
      if (left--) aiming = requestAnimationFrame(aim);
    };
    cancelAnimationFrame(aiming);
    aim();
  }

  element.addEventListener("focus", focus);
  return {
    element,
    update,
    measure,
    resize,
    reveal,
    focus,
    cells: () => [...rows.values()].flatMap((row) => row.cells),
    cellAt: (event) => cellsByBox.get(event.target.closest?.(".ae-cell")) ?? null,
    stop: () => seen.disconnect(),
  };
}
