"""Streamlit widgets drawn from the settings that a leaf declares in its signature.

Every widget is bound to the query parameter `leaf.setting`, so the address of the page is a
permalink: a setting at its default leaves no trace in it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from explorer import catalog
from explorer.knobs import Knob

FEW = 24  # letters that fit beside each other


def controls(function: Callable[..., Any], *, under: str = "") -> dict[str, Any]:
    """Draw a widget for each setting of `function`; give back what the reader chose.

    Args:
        under: keeps these widgets apart from others for the same leaf, and out of the address.
    """
    name = function.__name__
    return {
        knob.name: _widget(knob, f"{under}{name}.{knob.name}", bound=not under)
        for knob in catalog.settings(function)
    }


def widgets(offered: Iterable[Knob], *, under: str) -> dict[str, Any]:
    """Draw a widget for each of some settings, out of the address."""
    return {knob.name: _widget(knob, f"{under}{knob.name}", bound=False) for knob in offered}


def reset(function: Callable[..., Any]) -> None:
    """Put every setting of `function` back to its default; for a button's callback."""
    for knob in catalog.settings(function):
        st.session_state[f"{function.__name__}.{knob.name}"] = knob.default


def changed(function: Callable[..., Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that are not at their default."""
    offered = catalog.settings(function)
    return {k.name: settings[k.name] for k in offered if settings[k.name] != k.default}


def _widget(knob: Knob, key: str, *, bound: bool) -> Any:
    label = knob.name.replace("_", " ")
    common: dict[str, Any] = {"key": key, "help": knob.help or None}
    common |= {"bind": "query-params"} if bound else {}
    if isinstance(knob.default, bool):
        return st.toggle(label, knob.default, **common)
    if knob.options:
        few = sum(map(len, knob.options)) <= FEW
        at = knob.options.index(knob.default)
        if few:
            return st.radio(label, knob.options, at, horizontal=True, **common)
        return st.selectbox(label, knob.options, at, **common)
    if isinstance(knob.default, str):
        return st.text_input(label, knob.default, **common)
    assert knob.slider  # a knob without options and bounds is refused by knobs.knobs
    number = type(knob.default)
    step = number(knob.slider.step) if knob.slider.step else None
    low = number(min(knob.slider.low, knob.default))
    high = number(max(knob.slider.high, knob.default))
    shape = "%d" if number is int else "%.4g"
    return st.slider(label, low, high, knob.default, step, format=shape, **common)
