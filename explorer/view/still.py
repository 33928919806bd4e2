"""A picture of a batch in plain HTML, for what shows a notebook without its widgets.

`jupyter nbconvert --to html` writes it where the notebook was saved without the state of its
widgets; with that state it writes the view itself, which loads Jupyter's widgets from the web.
JupyterLab never shows it: there the view comes back from the saved state, and without one an error
stands in its place.
"""

from html import escape
from itertools import groupby
from typing import Any

import numpy as np

from explorer.view.quantise import dequantise
from explorer.view.text import pieces_of
from explorer.view.wire import unpack

COMPLETIONS = 4
TOKENS = 400  # of each; a still is a few kilobytes
MINUS, PLUS = "213,94,0", "0,114,178"  # vermillion and blue, as in scale.js
LINES = {-1: "dotted", 1: "solid"}  # the sign once more, as in paint.js
CAP = 0.85


def still(payload: bytes) -> str:
    """The first completions of a packed batch, coloured by the first estimator that it names."""
    batch = unpack(payload)
    names = [e["name"] for e in batch["estimators"]]
    e = batch["estimators"][names.index(batch["focus"][0]) if batch["focus"] else 0]
    ends = np.cumsum(batch["lengths"])
    values = dequantise(e["strip"], e["scale"])
    rows = [
        _row(batch, i, values[ends[i] - batch["lengths"][i] : ends[i]], e["scale"])
        for i in range(min(COMPLETIONS, len(ends)))
    ]
    more = f" {len(rows)} of {len(ends)} completions." if len(ends) > len(rows) else ""
    signs = {"helped": 1, "hurt": -1}
    helped, hurt = (f'<span style="{_style(x, 1)}">{word}</span>' for word, x in signs.items())
    legend = f"<b>{escape(e['name'])}</b>, full colour at ±{e['scale']:.3g}: {helped}, {hurt}."
    return f"<div><p>{legend}{more} Run the cell for the whole view.</p>{''.join(rows)}</div>"


def _row(batch: dict[str, Any], sample: int, values: np.ndarray, scale: float) -> str:
    pieces = _pieces(batch, sample)[:TOKENS]
    styles = [_style(value, scale) for value in values]
    spans = []
    for style, run in groupby(zip(pieces, styles, strict=False), key=lambda pair: pair[1]):
        text = escape("".join(piece for piece, _ in run))
        spans.append(f'<span style="{style}">{text}</span>' if style else text)
    return f'<pre style="white-space:pre-wrap">#{sample + 1} {"".join(spans)}</pre>'


def _pieces(batch: dict[str, Any], sample: int) -> list[str]:
    if batch["text"] is None:
        last = int(sum(batch["lengths"][: sample + 1]))
        return [f"{i} " for i in batch["ids"][last - batch["lengths"][sample] : last]]
    return pieces_of(batch["text"], sample)


def _style(value: float, scale: float) -> str:
    if np.isnan(value):
        return "background:rgba(128,128,128,0.28)"
    if value == 0:
        return ""
    strength = CAP * min(1.0, abs(value) / scale)
    colour = f"rgba({MINUS if value < 0 else PLUS},{strength:.2f})"
    return f"background:{colour};text-decoration:underline {LINES[int(np.sign(value))]}"
