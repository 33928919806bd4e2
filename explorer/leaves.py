"""What the leaves of a folder say of themselves: rows about functions, and about their settings."""

import inspect
from collections.abc import Callable
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


def settings(kind: catalog.Kind, name: str) -> list[dict[str, Any]]:
    """A row a setting of one leaf: its default, the values it may have, and what they mean."""
    return [
        {
            "setting": knob.name,
            "default": knob.default,
            "values": _values(knob),
            "meaning": knob.help,
        }
        for knob in catalog.settings(catalog.load(kind, name))
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
    return ", ".join(map(str, knob.options)) or "true, false"
