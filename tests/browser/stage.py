"""The view on a bare page with a model that a test can drive."""

import base64

from playwright.sync_api import Page

from explorer.view.bundle import inline, styles

_STAGE = """<!doctype html><html lang="en"><head><title>stage</title><meta charset="utf-8"><style>
html {{ color-scheme: light dark; }} body {{ margin: 0; padding: 12px;
background: light-dark(#fff, #0e1117); }} {styles}</style></head><body><main id="view"></main>
<script type="module">
{script}
const values = {{}}, listeners = {{}}, saved = [];
const model = {{
  get: (name) => values[name],
  set: (name, value) => (values[name] = value),
  on: (event, call) => (listeners[event] ??= []).push(call),
  off() {{}},
  save_changes: () => saved.push(structuredClone(values.state)),
}};
const fire = (name) => (listeners["change:" + name] ?? []).forEach((call) => call());
window.bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
window.stage = {{
  saved,
  values,
  show(payload) {{ values.payload = payload; fire("payload"); }},
  state(state) {{ values.state = state; fire("state"); }},
  start() {{ window.stage.stop = view.render({{ model, el: document.getElementById("view") }}); }},
}};
</script></body></html>"""


def settle(page: Page) -> None:
    """Wait until what was asked for is on the screen."""
    page.wait_for_timeout(120)
    page.evaluate("() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


def stage(page: Page, payload: bytes) -> None:
    """Show a packed batch."""
    page.set_content(_STAGE.format(script=inline("view"), styles=styles()))
    page.wait_for_function("window.stage")
    page.evaluate("(text) => stage.show(bytes(text))", base64.b64encode(payload).decode())
    page.evaluate("stage.start()")
    page.wait_for_selector(".ae-cell, .ae-error:not([hidden])")
    settle(page)


def show(page: Page, payload: bytes) -> None:
    """Hand over another batch, as a host does."""
    page.evaluate("(text) => stage.show(bytes(text))", base64.b64encode(payload).decode())
    settle(page)
