"""The view as one HTML file that needs no network."""

import base64
import gzip
import html as escape
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from explorer.types import Credit, Rollouts
from explorer.view.bundle import inline, styles
from explorer.view.wire import pack

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
html {{ color-scheme: light dark; }}
body {{ margin: 0; padding: 10px 16px; background: light-dark(#fff, #0e1117); }}
h1 {{ margin: 0; font: 12px system-ui, sans-serif; color: light-dark(#555, #aaa); }}
#view {{ --ae-height: calc(100vh - 120px); }}
{styles}
</style>
</head>
<body>
<header><h1>{title}</h1></header>
<main id="view"></main>
<script type="application/octet-stream" id="payload">{payload}</script>
<script type="module">
{script}
{{
  const text = atob(document.getElementById("payload").textContent);
  const zipped = new Blob([Uint8Array.from(text, (c) => c.charCodeAt(0))]);
  const plain = new Response(zipped.stream().pipeThrough(new DecompressionStream("gzip")));
  // What the reader chooses stays in the address, so that it outlives a reload and can be sent.
  const chosen = () => {{
    try {{
      return JSON.parse(decodeURIComponent(location.hash.slice(1)));
    }} catch {{
      return {{}};
    }}
  }};
  const values = {{ payload: new Uint8Array(await plain.arrayBuffer()), state: chosen() }};
  const model = {{
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    on() {{}},
    off() {{}},
    save_changes() {{
      history.replaceState(null, "", `#${{encodeURIComponent(JSON.stringify(values.state))}}`);
    }},
  }};
  view.render({{ model, el: document.getElementById("view") }});
}}
</script>
</body>
</html>
"""


def page(payload: bytes, *, title: str = "Advantage Explorer") -> str:
    """A packed batch as a page of its own."""
    return _PAGE.format(
        title=escape.escape(title),
        styles=styles(),
        script=inline("view"),
        payload=base64.b64encode(gzip.compress(payload, mtime=0)).decode(),
    )


def html(
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    path: str | Path,
    *,
    title: str = "Advantage Explorer",
    **options: Any,
) -> Path:
    """Write the view of a batch to one file that opens with the network off.

    Args:
        title: of the page, and above the view.
        options: what `wire.pack` takes.
    """
    target = Path(path)
    target.write_text(page(pack(rollouts, credits, **options), title=title), encoding="utf-8")
    return target
