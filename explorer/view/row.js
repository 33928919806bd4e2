// One completion in the text: its facts, and its words once or under A and B.

import { make } from "./dom.js";
import { sampleFacts } from "./lanes.js";
import { lineOf } from "./tokens.js";

const SVG = "http://www.w3.org/2000/svg";
const MARKS = ["chips", "ticks", "peers", "pins", "hover"];

// `cells` is empty as long as nothing is written; only a row that is near the window is painted.
export function emptyRow(id, sample) {
  const shell = make("div", { class: "ae-row ae-far", id: `${id}-row${sample}`, "data-sample": sample });
  return { sample, shell, near: false, open: null, cells: [], batch: null, whitespace: null, line: null };
}

// Whether its words are those of the batch and the state.
export function isWritten(row, { batch, state }) {
  return row.batch === batch && row.whitespace === state.whitespace && row.cells.length === (state.split ? 2 : 1);
}

// Words that are on the screen already stay untouched, so that what is selected or found in them stays so.
export function writeRow(row, model, actions) {
  const { batch, state } = model;
  if (!isWritten(row, model)) {
    if (row.cells.length !== (state.split ? 2 : 1)) buildRow(row, state.split ? ["a", "b"] : ["a"], actions);
    Object.assign(row, { batch, whitespace: state.whitespace, line: null });
    row.gutter.replaceChildren(...sampleFacts(batch, row.sample, actions), row.more);
    for (const cell of row.cells) cell.put(cell.line.text);
  }
  for (const cell of row.cells) {
    cell.name = state[cell.column];
    if (cell.nodes.length > 1) cell.put(cell.line.text);
  }
  const open = state.expanded.includes(row.sample);
  if (row.open !== open) foldRow(row, open);
}

function foldRow(row, open) {
  row.open = open;
  row.more.textContent = open ? "fold" : "show all";
  for (const { element } of row.cells) {
    element.classList.toggle("ae-folded", !open);
    // Hides nothing here: with it the browser tells before it shows what it found in a folded row.
    if (open) element.removeAttribute("hidden");
    else element.setAttribute("hidden", "until-found");
  }
}

function buildRow(row, columns, actions) {
  row.gutter = make("div", { class: "ae-gutter", role: "rowheader" });
  row.more = make("button", { class: "ae-more", tabindex: "-1", hidden: true, onclick: () => actions.expand(row.sample) });
  row.cells = columns.map((column) => cellOf(row, column));
  row.shell.replaceChildren(row.gutter, ...row.cells.map((cell) => cell.box));
  row.shell.style.height = "";
  row.open = null;
}

function cellOf(row, column) {
  const element = make("div", { class: "ae-line", dir: "auto" });
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
  return {
    sample: row.sample, column, element, marks, labels, nodes: [],
    box: make("div", { class: "ae-cell", role: "gridcell" }, element, svg),
    get line() {
      return (row.line ??= lineOf(row.batch.pieces(row.sample), row.whitespace));
    },
    put(text) {
      const [first] = this.nodes;
      if (this.nodes.length === 1 && first.node.data === text) return;
      const node = document.createTextNode(text);
      element.replaceChildren(node);
      this.nodes = [{ node, start: 0 }];
    },
  };
}

// Nothing but its height stays.
export function clearRow(row, height) {
  row.shell.style.height = `${height}px`;
  row.shell.replaceChildren();
  Object.assign(row, { cells: [], line: null });
}
