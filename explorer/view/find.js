// Search in all completions, those that are not on the screen included.

import { make } from "./dom.js";
import { percent } from "./numbers.js";
import { idle } from "./slices.js";
import { lineOf, tokenAt } from "./tokens.js";

export function finder(actions) {
  const input = make("input", { type: "search", class: "ae-find", placeholder: "find in completions", "aria-label": "Find in completions" });
  const said = make("span", { class: "ae-quiet" });
  const element = make("div", { class: "ae-findbar", role: "search", hidden: true }, input, said);
  const searching = idle();
  let hits = [];
  let at = -1;
  let model = null;

  function search() {
    hits = [];
    at = -1;
    said.textContent = "";
    actions.repaint();
    searching.start(look(), (many) => (said.textContent = input.value && `${many} found`), {
      told: (share) => (said.textContent = `searching: ${percent(share)}`),
    });
  }

  function* look() {
    const samples = input.value ? model.lanes.flatMap((lane) => lane.samples) : [];
    for (const [k, sample] of samples.entries()) {
      const line = lineOf(model.batch.pieces(sample), model.state.whitespace);
      for (const [from] of matches(line.text)) hits.push({ sample, token: tokenAt(line, from) });
      yield k / samples.length;
    }
    return hits.length;
  }

  function matches(text) {
    const wanted = input.value.toLowerCase();
    const found = [];
    if (element.hidden || !wanted) return found;
    const low = text.toLowerCase();
    for (let k = low.indexOf(wanted); k >= 0; k = low.indexOf(wanted, k + wanted.length)) found.push([k, k + wanted.length]);
    return found;
  }

  function next(by) {
    if (!hits.length) return;
    at = (at + by + hits.length) % hits.length;
    said.textContent = `${at + 1} of ${hits.length}`;
    actions.show(hits[at]);
  }

  function close() {
    element.hidden = true;
    input.value = "";
    search();
    actions.back();
  }

  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });

  return {
    element,
    matches,
    update(next) {
      model = next;
    },
    stop: searching.stop,
    open() {
      element.hidden = false;
      input.focus();
    },
  };
}
