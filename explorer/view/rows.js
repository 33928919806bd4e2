// The text: lanes of completions. Rows near the window are painted; the others are written at rest.

import { make } from "./dom.js";
import { columnHead, laneHead, promptHead } from "./lanes.js";
import { rectsOf } from "./place.js";
import { clearRow, emptyRow, isWritten, writeRow } from "./row.js";

const FOLD = 9; // lines, as in view.css
const FRAMES = 12; // in which rows take their true height
const WRITTEN = 1 << 17; // tokens of a batch whose rows are all written; of a larger one those near the window

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
  const rows = new Map(); // sample -> row
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
        row.shell.classList.toggle("ae-far", !row.near);
        if (isIntersecting) fill(row);
        else row.line = null;
      }
      clearFar();
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
    clearFar();
    for (const row of rows.values()) if (row.near || row.cells.length) fill(row);
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
  function announce({ shell, sample, cells }) {
    const is = shell === current?.shell;
    const say = { role: "row", "aria-label": `completion ${sample + 1}`, tabindex: is ? "0" : "-1" };
    for (const [name, words] of Object.entries(say)) {
      if (cells.length || is) shell.setAttribute(name, words);
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
      const row = emptyRow(id, sample);
      rows.set(sample, row);
      seen.observe(row.shell);
      // Good enough for the scroll bar; the row takes its true height once it is written.
      const lines = Math.min(FOLD, Math.ceil((1.3 * model.batch.lengths[sample]) / (model.state.split ? across / 2 : across)));
      row.shell.style.containIntrinsicHeight = `auto ${(row.shell.style.height = `${26 * lines + 14}px`)}`;
    }
    return rows.get(sample);
  }

  function fill(row) {
    const { cells } = row;
    writeRow(row, model, actions);
    if (cells === row.cells) return;
    announce(row);
    for (const cell of row.cells) cellsByBox.set(cell.box, cell);
  }

  // Rows far from the window that hold other words than the model's become empty: a batch that is
  // replaced ten times a second has no time for them, and of a large one they would slow every frame.
  function clearFar() {
    const keeps = (row) => isWritten(row, model) && model.batch.tokens <= WRITTEN;
    const old = [...rows.values()].filter((row) => row.cells.length && !row.near && !keeps(row));
    const heights = old.map((row) => row.shell.getBoundingClientRect().height);
    old.forEach((row, k) => {
      clearRow(row, heights[k]);
      announce(row);
    });
  }

  // At rest every row is written, so that the browser finds, selects and copies all of the text.
  function* fillFar() {
    if (model.batch.tokens > WRITTEN) return;
    for (const row of rows.values()) {
      if (isWritten(row, model)) continue;
      fill(row);
      if (!row.near) row.line = null;
      yield;
    }
  }

  // Whatever shows a place below the fold opens the row: the browser's search tells before it shows
  // what it found; a script or a selection scrolls the folded words.
  function unfold({ target }) {
    const cell = cellsByBox.get(target.parentElement);
    if (target !== cell?.element) return;
    const row = rows.get(cell.sample);
    row.open = null; // the browser takes its mark away
    if (target.scrollHeight <= target.clientHeight + 2) return;
    const { state } = model;
    const by = target.scrollTop;
    // Before the next draw, since what was found is shown before it.
    model = { ...model, state: { ...state, expanded: [...state.expanded, cell.sample] } };
    fill(row);
    target.scrollTop = 0;
    element.scrollTop += by;
    actions.unfold(cell.sample);
  }

  // Offers "show all" where a folded row hides lines.
  function measure() {
    const open = (row) => model.state.expanded.includes(row.sample);
    const near = [...rows.values()].filter((row) => row.near);
    const hides = near.map(({ cells: [{ element: text }] }) => text.scrollHeight > text.clientHeight + 2);
    near.forEach((row, k) => {
      row.more.hidden = !hides[k] && !open(row);
    });
  }

  function resize() {
    across = Math.max(30, (element.clientWidth - 150) / 8);
  }

  // Brings the line of a token into sight, and as much of its row as fits unless the token alone is
  // asked for; again while the rows above it take their height, or until the reader scrolls.
  function reveal(sample, token, alone = false) {
    let left = FRAMES;
    let open = model.state.expanded.includes(sample);
    const aim = () => {
      const row = rows.get(sample);
      if (!alone) row?.shell.scrollIntoView({ block: "nearest", behavior: "instant" });
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
  for (const event of ["wheel", "touchmove", "pointerdown"]) {
    element.addEventListener(event, () => cancelAnimationFrame(aiming), { passive: true });
  }
  for (const event of ["beforematch", "scroll"]) element.addEventListener(event, unfold, { capture: true });
  return {
    element,
    update,
    measure,
    resize,
    reveal,
    focus,
    fillFar,
    cells: () => [...rows.values()].flatMap((row) => (row.near ? row.cells : [])),
    written: () => [...rows.values()].flatMap((row) => row.cells),
    cellAt: (event) => cellsByBox.get(event.target.closest?.(".ae-cell")) ?? null,
    stop: () => seen.disconnect(),
  };
}
