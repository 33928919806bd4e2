"""Settings typed on a command line, read with the knobs that declare them.

--lam 0.9 --no-divide-by-std          settings of what a command was told to use
grpo,gae:lam=0.9,gae:lam=1            several estimators, each with settings of its own
"""

import difflib
from collections.abc import Iterable
from typing import Any

from explorer import catalog
from explorer.knobs import Knob


def settings(words: list[str], knobs: Iterable[Knob]) -> dict[str, Any]:
    """The values that options such as `--lam 0.9`, `--lam=0.9` or `--no-divide-by-std` give.

    Raises:
        ValueError: no such option, no value, or no valid one.
    """
    known = {knob.name: knob for knob in knobs}
    chosen: dict[str, Any] = {}
    rest = list(words)
    while rest:
        option, given, text = rest.pop(0).partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if name.removeprefix("no_") in known and name not in known:
            name, given, text = name.removeprefix("no_"), "=", "false"
        if not option.startswith("--") or name not in known:
            raise ValueError(f"there is no option {option!r}{_hint(name, known)}")
        chosen[name] = known[name].parse(text if given else _value(option, known[name], rest))
    return chosen


def estimators(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name and settings of each estimator in a text such as `grpo,gae:lam=0.9`, by its own text.

    Raises:
        ValueError: no such estimator, no such setting, or no valid value of one.
    """
    chosen = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, *pairs = item.split(":")
        knobs = catalog.settings(catalog.load("estimators", name))
        chosen[item] = (name, settings([f"--{pair}" for pair in pairs], knobs))
    if not chosen:
        raise ValueError("name at least one estimator, such as grpo")
    return chosen


def _value(option: str, knob: Knob, rest: list[str]) -> str:
    """The word after the option, taken out of `rest`; a switch can do without."""
    if isinstance(knob.default, bool) and (not rest or rest[0].startswith("--")):
        return "true"
    if not rest:
        raise ValueError(f"{option} needs a value")
    return rest.pop(0)


def _hint(name: str, known: dict[str, Knob]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean --{near[0].replace('_', '-')}?"
    return f"; there are {', '.join('--' + k.replace('_', '-') for k in known) or 'none'}"
