"""Settings typed on a command line, read with the knobs that declare them.

    --lam 0.9 --no-divide-by-std          settings of what a command was told to use
    grpo,gae:lam=0.9,gae:lam=1            several estimators, each with settings of its own

Every leaf declares its settings in its signature, so nothing is said twice.
"""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from explorer import catalog
from explorer.config import Config
from explorer.knobs import Knob, knobs
from explorer.runs import Run

_LISTED = 8  # options that a sentence can name


def settings(words: list[str], offered: Iterable[Knob]) -> dict[str, Any]:
    """The values that options such as `--lam 0.9`, `--lam=0.9` or `--no-divide-by-std` give.

    Raises:
        ValueError: no such option, no value, or no valid one.
    """
    known = {knob.name: knob for knob in offered}
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
        offered = catalog.settings(catalog.load("estimators", name))
        chosen[item] = (name, settings([f"--{pair}" for pair in pairs], offered))
    if not chosen:
        raise ValueError("name at least one estimator, such as grpo")
    return chosen


def config(words: list[str], names: Mapping[str, Any]) -> Config:
    """The config with the leaves that are named, and the settings that `words` give.

    `--eps 0.2` is a setting of the trainer, or of the first leaf that has one of that name;
    `--objective.eps 0.2` names the leaf.

    Raises:
        ValueError: a leaf or a setting that does not exist, or a value out of range.
    """
    return _changed(Config(**names), words)


def resumed(run: Run, words: list[str], **names: Any) -> Config:
    """The config that a run was started with, but for what is given here.

    Raises:
        ValueError: the run was not made by this trainer; else as `config`.
    """
    if (stored := run.info.get("config")) is None:
        raise ValueError(f"{run.folder} was not made by explorer train; it can't be resumed")
    return config(words, stored | names)


def _changed(plain: Config, words: list[str]) -> Config:
    offered = {
        name: (owner, knob)
        for owner, own in reversed(_knobs(plain).items())
        for knob in own
        for name in (knob.name, f"{owner}.{knob.name}".lstrip("."))
    }
    known = [dataclasses.replace(knob, name=name) for name, (_, knob) in offered.items()]
    changes: dict[str, Any] = {}
    for name, value in settings(words, known).items():
        owner, knob = offered[name]
        if owner:
            field = f"{owner}_settings"
            changes[field] = changes.get(field, getattr(plain, field)) | {knob.name: value}
        else:
            changes[name] = value
    return dataclasses.replace(plain, **changes)


def _knobs(plain: Config) -> dict[str, Sequence[Knob]]:
    """The settings of the trainer and of its leaves, the first to be asked first."""
    return {
        "": knobs(Config),
        "estimator": catalog.settings(catalog.load("estimators", plain.estimator), plain.cut),
        "task": knobs(catalog.load("tasks", plain.task)),
        "objective": knobs(catalog.load("objectives", plain.objective)),
        "aggregation": knobs(catalog.load("aggregations", plain.normaliser[0])),
    }


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
    if len(known) > _LISTED:
        return ""
    return f"; there are {', '.join('--' + k.replace('_', '-') for k in known) or 'none'}"
