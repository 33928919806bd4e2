// Search in all completions, those that are not on the screen included.

import { make } from "./dom.js";
import { percent } from "./numbers.js";
import { idle } from "./slices.js";
import { lineOf, shownPlaces, tokenAt } from "./tokens.js";

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
      for (const [from] of matches(line)) hits.push({ sample, token: tokenAt(line, from) });
      yield k / samples.length;
    }
    return hits.length;
  }

  // [from, to) of the shown text where the policy wrote what is looked for.
  function matches(line) {
    if (element.hidden || !input.value) return [];
    const wanted = new RegExp(input.value.replace(/[$()*+./?[\\\]^{|}]/g, "\\$&"), "giu");
    const raw = [...line.pieces.join("").matchAll(wanted)].flatMap(({ 0: { length }, index }) => [index, index + length]);
    const places = shownPlaces(line, raw);
    return Array.from({ length: places.length / 2 }, (_, k) => places.slice(2 * k, 2 * k + 2));
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
