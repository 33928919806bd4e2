"""Curves in the app: the shared front end of explorer/view, mounted as a Streamlit component."""

from collections.abc import Callable
from typing import Any

from streamlit.components.v2 import component

from explorer.view.bundle import inline, styles

# Streamlit calls the default export again on every new `data`; the model keeps the drawing alive.
_MOUNT = """
const models = new WeakMap();
export default function ({ parentElement, data, setTriggerValue }) {
  let model = models.get(parentElement);
  if (model) { model.update(data); return model.leave; }
  const listeners = new Set();
  let picked = null;
  model = {
    get: () => data,
    set: (name, value) => { picked = value; },
    save_changes: () => setTriggerValue("picked", picked),
    on: (event, listener) => listeners.add(listener),
    off: (event, listener) => listeners.delete(listener),
    update: (next) => { data = next; listeners.forEach((listener) => listener()); },
  };
  models.set(parentElement, model);
  const stop = widget.render({ model, el: parentElement.querySelector(".curves-here") });
  model.leave = () => { stop(); models.delete(parentElement); };
  return model.leave;
}
"""

_component = component(
    "advantage_explorer_curves",
    html='<div class="curves-here"></div>',
    css=styles("curves.css"),
    js=inline("widget", "curves.js") + _MOUNT,
)


def curves(figure: dict[str, Any], *, key: str, on_pick: Callable[[], None]) -> int | None:
    """Draw what explorer/view/curves.py built; give back the step that was just clicked."""
    return _component(key=key, data=figure, on_picked_change=on_pick).picked
