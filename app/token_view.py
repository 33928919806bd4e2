"""The token view as a Streamlit component: the notebook's module behind a small model."""

from typing import Any

from streamlit.components.v2 import component

from app import address
from explorer.view.bundle import inline, styles
from explorer.view.wire import starting

_SHIM = """
const hosts = new WeakMap();
export default function ({ parentElement, data, setStateValue }) {
  let host = hosts.get(parentElement);
  if (!host) {
    const values = { payload: data, state: null };
    const listeners = [];
    const model = {
      get: (name) => values[name],
      set: (name, value) => (values[name] = value),
      on: (event, call) => listeners.push([event, call]),
      off: (event, call) => listeners.splice(listeners.findIndex((one) => one[1] === call), 1),
      save_changes: () => setStateValue("state", values.state),
    };
    host = { values, listeners };
    hosts.set(parentElement, host);
    host.clean = view.render({ model, el: parentElement.querySelector(".token-view") });
  } else {
    host.values.payload = data;
    for (const [event, call] of host.listeners) if (event === "change:payload") call();
  }
  return () => {
    host.clean();
    hosts.delete(parentElement);
  };
}
"""

_component = component(
    "token_view",
    html='<div class="token-view"></div>',
    css=styles(),
    js=inline("view") + _SHIM,
)


def token_view(payload: bytes, *, key: str) -> dict[str, Any]:
    """Show a packed batch; gives back what the reader chose, {} before the first choice.

    `payload` comes from `explorer.view.wire.pack`. Unchanged bytes cost nothing on a rerun. What
    the reader chooses goes into the page's address, and a page that is opened by such an address
    begins so.
    """
    if begun := address.begun(key):
        payload = starting(payload, begun)
    result = _component(key=key, data=payload, on_state_change=lambda: None)
    state = dict(result.get("state") or {})
    address.keep(state)
    return state
