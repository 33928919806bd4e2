"""Read the data a function needs and the settings it offers from its signature.

Parameters before `*` name fields; parameters after `*` are settings. Bounds stand in the
annotation, the default in the signature, the meaning in the docstring's `Args:`. The command
line, the app and the notebooks all draw from `knobs(f)`.
"""

import contextlib
import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin


@dataclass(frozen=True)
class Slider:
    """The range that a number is worth trying in, and the range in which it is valid."""

    low: float
    high: float
    step: float | None = None
    at_least: float = -math.inf
    at_most: float = math.inf


@dataclass(frozen=True)
class By:
    """The segmenter that cuts the segments an estimator reads, unless another is asked for."""

    segmenter: str


@dataclass(frozen=True)
class Knob:
    """One setting: a bool, one of `options`, a number within `slider`, or any text."""

    name: str
    default: Any
    help: str
    slider: Slider | None = None
    options: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """The value, if it is valid for this setting.

        Raises:
            ValueError: of the wrong kind or out of range; says what was expected.
        """
        if self.options:
            if value not in self.options:
                raise ValueError(
                    f"{self.name} must be one of {', '.join(map(str, self.options))}; got {value!r}"
                )
        elif isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise ValueError(f"{self.name} must be true or false; got {value!r}")
        elif isinstance(self.default, str):
            if not isinstance(value, str):
                raise ValueError(f"{self.name} must be a text; got {value!r}")
        elif self.slider:
            whole = isinstance(self.default, int)
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
                kind = "a whole number" if whole else "a number"
                raise ValueError(f"{self.name} must be {kind}; got {value!r}")
            low, high = self.slider.at_least, self.slider.at_most
            if not low <= value <= high:  # NaN fails too
                raise ValueError(f"{self.name} must lie in [{low:g}, {high:g}]; got {value!r}")
        return value

    def parse(self, text: str) -> Any:
        """The value that a text spells, as typed into a command line or an address.

        Raises:
            ValueError: no value of this setting, or out of range; says what was expected.
        """
        if isinstance(self.default, bool):
            return self.check({"true": True, "false": False}.get(text.lower(), text))
        if self.options or isinstance(self.default, str):
            return self.check(text)
        return self.check(_number(text, whole=isinstance(self.default, int)))


@cache
def inputs(function: Callable) -> tuple[str, ...]:
    """Names of the fields that `function` reads."""
    return tuple(p.name for p in _parameters(function) if p.kind is not p.KEYWORD_ONLY)


@cache
def knobs(function: Callable) -> tuple[Knob, ...]:
    """The settings of `function`, in the order they are declared."""
    help_of = _args_section(inspect.getdoc(function) or "")
    return tuple(
        _knob(p, help_of.get(p.name, "")) for p in _parameters(function) if p.kind is p.KEYWORD_ONLY
    )


@cache
def segmenter(function: Callable) -> str | None:
    """The default segmenter of an estimator that asks for one, else None."""
    for parameter in _parameters(function):
        for extra in getattr(parameter.annotation, "__metadata__", ()):
            if isinstance(extra, By):
                return extra.segmenter
    return None


def _number(text: str, *, whole: bool) -> float | str:
    for kind in (int, float) if whole else (float,):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def _parameters(function: Callable) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def _knob(parameter: inspect.Parameter, help: str) -> Knob:
    kind, slider = parameter.annotation, None
    if get_origin(kind) is Annotated:
        kind, slider = get_args(kind)[:2]
    options = get_args(kind) if get_origin(kind) is Literal else ()
    if kind not in (bool, str) and not isinstance(slider, Slider) and not options:
        raise TypeError(f"setting {parameter.name!r} needs a Slider, a Literal, bool or str")
    return Knob(parameter.name, parameter.default, help, slider, options)


def _args_section(doc: str) -> dict[str, str]:
    section = re.search(r"^Args:\n((?:[ ]+.*\n?)+)", doc, re.MULTILINE)
    lines = (
        re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section[1], re.MULTILINE) if section else []
    )
    return {name: " ".join(text.split()) for name, text in lines}
