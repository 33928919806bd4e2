"""Widgets in a notebook, drawn from the settings that a leaf declares in its signature."""

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import traitlets

from explorer import catalog
from explorer.knobs import Knob

LABEL = {"description_width": "9em"}
WIDE = {"flex": "0 0 26em"}


class Controls(ipywidgets.VBox):
    """A widget for each setting of `function`, what it means beside it, and a way back.

        panel = Controls(gae)
        panel.observe(lambda change: ..., "settings")

    `settings` is what the reader chose: one dictionary, ready for `catalog.run`.
    """

    settings = traitlets.Dict()

    def __init__(self, function: Callable[..., Any]) -> None:
        self.offered = catalog.settings(function)
        self.drawn = {knob.name: widget(knob) for knob in self.offered}
        width = ipywidgets.Layout(width="max-content")
        reset = ipywidgets.Button(description="back to the defaults", icon="undo", layout=width)
        reset.on_click(lambda button: self.reset())
        rows = [_row(knob, self.drawn[knob.name]) for knob in self.offered]
        super().__init__([*rows, reset])
        for each in self.drawn.values():
            each.observe(lambda change: self._read(), "value")
        self._read()

    def reset(self) -> None:
        """Put every setting back to its default; observers hear of it once."""
        with self.hold_trait_notifications():
            for knob in self.offered:
                self.drawn[knob.name].value = knob.default

    def _read(self) -> None:
        self.settings = {name: each.value for name, each in self.drawn.items()}


def widget(knob: Knob) -> Any:
    """A checkbox, a list, a line of text or a slider, at the default of the setting."""
    common: dict[str, Any] = {"description": knob.name.replace("_", " "), "value": knob.default}
    common |= {"tooltip": knob.help, "style": LABEL, "layout": WIDE}
    if isinstance(knob.default, bool):
        return ipywidgets.Checkbox(**common)
    if knob.options:
        return ipywidgets.Dropdown(options=knob.options, **common)
    if isinstance(knob.default, str):
        return ipywidgets.Text(continuous_update=False, **common)
    assert knob.slider  # a knob without options and bounds is refused by knobs.knobs
    bounds = {"min": min(knob.slider.low, knob.default), "max": max(knob.slider.high, knob.default)}
    if isinstance(knob.default, int):
        whole = {name: int(value) for name, value in bounds.items()}
        return ipywidgets.IntSlider(step=int(knob.slider.step or 1), **whole, **common)
    step = knob.slider.step or (bounds["max"] - bounds["min"]) / 100
    return ipywidgets.FloatSlider(step=step, readout_format=".4", **bounds, **common)


def _row(knob: Knob, drawn: ipywidgets.Widget) -> ipywidgets.HBox:
    meaning = ipywidgets.HTML(f"<div style='line-height: 1.35'>{escape(knob.help)}</div>")
    return ipywidgets.HBox([drawn, meaning], layout={"align_items": "center"})
