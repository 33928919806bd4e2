// One popup for the whole view, and the cards of pinned tokens beside the text.

import { besideLine, roomBy, without } from "./beside.js";
import { clamp, make } from "./dom.js";
import { differenceCard, tokenCard } from "./card.js";

const OPEN = 150; // ms of rest before it opens; once open, its content swaps at once
const HIDE = 80;
const HALF = 22; // pixels from the pointer to either edge of its line of text, at most

export function popup(root, leave) {
  const element = make("div", { class: "ae-popup", role: "tooltip", hidden: true });
  let timer = 0;
  // A pointer opens it wherever the focus is, so the key that closes it must be heard anywhere.
  const dismiss = ({ key }) => key === "Escape" && shut();
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("pointerleave", () => leave());

  // `beside` is the column under the pointer: the card leaves it free, so that the peers show.
  function open(event, beside, content) {
    clearTimeout(timer);
    const { clientX, clientY } = event;
    const put = () => {
      element.replaceChildren(content());
      element.hidden = false;
      document.addEventListener("keydown", dismiss);
      place(clientX, clientY, beside.getBoundingClientRect());
    };
    if (element.hidden) timer = setTimeout(put, OPEN);
    else put();
  }

  function place(x, y, { left, right }) {
    const bounds = root.getBoundingClientRect();
    const area = {
      left: bounds.left + 4,
      right: bounds.right - 4,
      top: Math.max(bounds.top, 0) + 6,
      bottom: Math.min(bounds.bottom, window.innerHeight) - 6,
    };
    const free = without(area, root.querySelector(".ae-side").getBoundingClientRect());
    const line = { left, right, top: y - HALF, bottom: y + HALF };
    element.style.maxHeight = `${area.bottom - area.top}px`;
    const fits = (room) => besideLine(room, line, element.getBoundingClientRect(), { y });
    element.classList.remove("ae-slim");
    let at = fits(free);
    if (!at) {
      element.classList.add("ae-slim");
      at = element.scrollHeight > element.clientHeight ? null : fits(free);
    }
    if (!at) {
      element.classList.remove("ae-slim");
      at = roomBy(free, line, { x }) ?? fits(area) ?? roomBy(area, line, { x }) ?? { left: x - 24, top: line.bottom };
      if (at.height) element.style.maxHeight = `${at.height}px`;
    }
    element.style.left = `${clamp(at.left, area.left, area.right - element.offsetWidth) - bounds.left}px`;
    element.style.top = `${at.top - bounds.top}px`;
  }

  function close(then) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      shut();
      then();
    }, HIDE);
  }

  function shut() {
    clearTimeout(timer);
    document.removeEventListener("keydown", dismiss);
    const was = !element.hidden;
    element.hidden = true;
    return was;
  }

  return { element, open, close, shut };
}

export function sideCards(actions) {
  const element = make("aside", { class: "ae-side", "aria-label": "Pinned tokens", hidden: true });

  function update(model) {
    const { batch, state } = model;
    element.hidden = !state.pins.length;
    const places = state.pins.map((pin) => batch.first[pin.sample] + pin.token);
    const cards = state.pins.map((pin, k) =>
      make(
        "section",
        { class: "ae-pinned", "aria-label": `Pinned token ${k + 1}` },
        make(
          "header",
          {},
          make("span", { class: "ae-quiet" }, places.length > 1 ? `pin ${k + 1}` : "pinned"),
          make("button", { class: "ae-icon", "aria-label": "Unpin", title: "Unpin (Esc)", onclick: () => actions.pin(pin, true) }, "\u00d7"),
        ),
        tokenCard(model, places[k], true),
      ),
    );
    if (places.length > 1) element.replaceChildren(differenceCard(model, ...places), ...cards);
    else element.replaceChildren(...cards, make("p", { class: "ae-hint" }, "Ctrl-click another token to compare"));
  }

  return { element, update };
}
