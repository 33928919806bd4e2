"""What the leaves of a folder say of themselves: rows about functions, and about their settings."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, get_args

from explorer import catalog
from explorer.knobs import Knob


def kind_of(text: str) -> catalog.Kind:
    """The kind of that name.

    Raises:
        ValueError: there is none; names them all.
    """
    for kind in (kinds := get_args(catalog.Kind)):
        if kind == text:
            return kind
    raise ValueError(f"there is no kind {text!r}; there are {', '.join(kinds)}")


def table(kind: catalog.Kind) -> list[dict[str, Any]]:
    """A row a leaf: its name, what it reads, its settings and its first sentence."""
    return [_row(name, catalog.load(kind, name)) for name in catalog.names(kind)]


def settings(offered: Sequence[Knob]) -> list[dict[str, Any]]:
    """A row a setting: its default, the values it may have, and what they mean."""
    return [
        {
            "setting": knob.name,
            "default": knob.default,
            "values": _values(knob),
            "meaning": knob.help,
        }
        for knob in offered
    ]


def _row(name: str, leaf: Callable[..., Any]) -> dict[str, Any]:
    return {
        "name": name,
        "reads": ", ".join(catalog.reads(leaf)),
        "settings": ", ".join(knob.name for knob in catalog.settings(leaf)),
        "what": (inspect.getdoc(leaf) or "").partition("\n\n")[0].replace("\n", " "),
    }


def _values(knob: Knob) -> str:
    if knob.slider:
        return f"{knob.slider.at_least:g} to {knob.slider.at_most:g}"
    if knob.options:
        return ", ".join(map(str, knob.options))
    return "any text" if isinstance(knob.default, str) else "true, false"
