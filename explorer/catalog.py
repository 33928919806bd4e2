"""The folder is the registry: `explorer/estimators/gae.py` holds the estimator `gae`.

`run` calls any leaf on rollouts: it hands over the fields that the signature names, with the
tokens that the policy did not sample taken out, and puts zeros back in their places.
"""

import dataclasses
import difflib
import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from explorer import knobs, peers
from explorer.ragged import sampled, taken
from explorer.types import Credit, Rollouts, SegmentOfToken

Kind = Literal["estimators", "segmenters", "objectives", "aggregations", "tasks", "engines"]

HOW_TO_MEASURE = {
    "anchor": "fill in the mean reward of the last batches",
    "block": "judge the completions with a task that has blocks",
    "block_rewards": "judge the completions with a task that has blocks",
    "entropy": "measure the rollouts with explorer.policy.measure",
    "greedy_reward": "sample one more completion of each prompt at temperature 0 and judge it",
    "importance": "measure it with explorer.importance.importance",
    "logged_advantages": "import the rollouts of a trainer that writes them",
    "logprobs": "record the sampler's log-probabilities",
    "mc_values": "measure them with explorer truth, or explorer.truth.measure",
    "node": "sample a tree with explorer.tree.sample",
    "node_rewards": "sample a tree with explorer.tree.sample",
    "old_logprobs": "measure the rollouts with explorer.policy.measure",
    "outcomes": "judge the completions with a task that has blocks",
    "parent": "sample a tree with explorer.tree.sample",
    "reward_parts": "judge the completions with a task that has blocks",
    "segment": "judge the completions with a task that has steps",
    "segment_rewards": "judge the completions with a task that rewards steps",
    "self_reward": "train with laser, which trains the policy's verdict on its answers",
    "state": "judge the completions with a task that has states, such as grid",
    "sum_pi_sq": "measure the rollouts with explorer.policy.measure",
    "top_logprobs": "measure the rollouts with explorer.policy.measure and its top",
    "top_tokens": "measure the rollouts with explorer.policy.measure and its top",
    "values": "train with --critic, or with an estimator that has one, such as gae",
    "zip_values": "train with zip_rc, which trains a predictor of reward and length",
}


class NotMeasured(ValueError):
    """The rollouts lack a field that the function reads."""


def names(kind: Kind) -> list[str]:
    """Every leaf of a kind, in alphabetical order."""
    if kind not in get_args(Kind):
        raise ValueError(f"there is no kind {kind!r}; there are {', '.join(get_args(Kind))}")
    folder = import_module(f"explorer.{kind}").__path__
    return sorted(module.name for module in pkgutil.iter_modules(folder))


@cache
def load(kind: Kind, name: str) -> Callable[..., Any]:
    """The function `name` out of the file of that name.

    Raises:
        ValueError: no such leaf; names the nearest one.
    """
    if name not in (known := names(kind)):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"{kind} has no {name!r}; {hint}")
    return getattr(import_module(f"explorer.{kind}.{name}"), name)


@cache
def settings(function: Callable[..., Any], segmenter: str | None = None) -> tuple[knobs.Knob, ...]:
    """The settings of `function`, those of the segmenter that cuts for it included.

    A name that both have is one setting, and goes to both.
    """
    cut = segmenter or knobs.segmenter(function)
    own = knobs.knobs(function)
    extra = knobs.knobs(load("segmenters", cut)) if cut else ()
    return own + tuple(knob for knob in extra if knob.name not in {k.name for k in own})


@cache
def reads(function: Callable[..., Any], segmenter: str | None = None) -> tuple[str, ...]:
    """The fields of the rollouts that a call needs, those of its segmenter included."""
    cut = segmenter or knobs.segmenter(function)
    own = [name for name in knobs.inputs(function) if not (cut and name == "segment")]
    extra = knobs.inputs(load("segmenters", cut)) if cut else ()
    return tuple(dict.fromkeys([*own, *extra]))


def missing(function: Callable[..., Any], rollouts: Rollouts) -> list[str]:
    """The fields that `function` reads and `rollouts` lack."""
    return [name for name in reads(function) if getattr(rollouts, name) is None]


def run(
    function: Callable[..., Any], rollouts: Rollouts, *, segmenter: str | None = None, **chosen: Any
) -> Any:
    """Call a leaf on the fields of `rollouts` that its signature names.

    Args:
        segmenter: cuts the segments in place of the estimator's own choice.
        chosen: settings of the function and of its segmenter.

    Raises:
        NotMeasured: a field is missing; says how to measure it.
        ValueError: a setting that does not exist or is out of its range; a segmenter for a
            function that takes its segments from the task.
    """
    if segmenter and not knobs.segmenter(function):
        raise ValueError(f"{function.__name__} cuts no segments, so leave out {segmenter!r}")
    check(function, chosen, segmenter)
    if lacking := [name for name in reads(function, segmenter) if getattr(rollouts, name) is None]:
        raise NotMeasured(_advice(function, lacking))
    place = sampled(rollouts)
    fields = taken(rollouts, ("sample", *reads(function, segmenter)), place)
    if cut := segmenter or knobs.segmenter(function):
        rule = load("segmenters", cut)
        fields["segment"] = segments(_call(rule, fields, chosen), fields["sample"])
    result = _call(function, fields, chosen)
    return result if place is None else _restore(result, place, len(rollouts.mask))


def check(
    function: Callable[..., Any], chosen: dict[str, Any], segmenter: str | None = None
) -> None:
    """Nothing, if `chosen` are valid settings of `function` and its segmenter.

    Raises:
        ValueError: a setting that does not exist or is out of its range.
    """
    known = {knob.name: knob for knob in settings(function, segmenter)} if chosen else {}
    for name, value in chosen.items():
        if name not in known:
            raise ValueError(
                f"{function.__name__} has no setting {name!r}; it has {', '.join(known) or 'none'}"
            )
        known[name].check(value)


def segments(starts: Tensor, sample: Tensor) -> SegmentOfToken:
    """Number the segments through, from where they start; a sample always starts one.

    In 32 bits: memory is what limits the length of a batch.
    """
    return (starts | peers.starts(sample)).cumsum(0, dtype=torch.int32).sub_(1)


def cut(function: Callable[..., Any], rollouts: Rollouts, **chosen: Any) -> SegmentOfToken | None:
    """The segments that an estimator works on, with its settings; None if it knows of none."""
    name = knobs.segmenter(function)
    if name is None:
        return rollouts.segment if "segment" in knobs.inputs(function) else None
    rule = load("segmenters", name)
    own = {knob.name for knob in knobs.knobs(rule)}
    starts = run(rule, rollouts, **{k: v for k, v in chosen.items() if k in own})
    return segments(starts, rollouts.sample)


def _call(function: Callable[..., Any], fields: dict[str, Any], chosen: dict[str, Any]) -> Any:
    """With the fields that it reads, and those of the settings that are its own."""
    own = {knob.name for knob in knobs.knobs(function)}
    return function(
        *(fields[name] for name in knobs.inputs(function)),
        **{k: v for k, v in chosen.items() if k in own},
    )


def _advice(function: Callable[..., Any], lacking: list[str]) -> str:
    text = f"{function.__name__} reads {', '.join(map(repr, lacking))}, which these rollouts lack"
    how = [HOW_TO_MEASURE[name] for name in lacking if name in HOW_TO_MEASURE]
    return f"{text}; {how[0]}" if how else text


def _restore(result: Any, place: Tensor, tokens: int) -> Any:
    """Put zeros (class -1) back where a token was not sampled."""
    if isinstance(result, Tensor):
        return _spread(result, place, tokens, 0)
    parts = {f.name: getattr(result, f.name) for f in dataclasses.fields(Credit)}
    fill = {"scale": 1, "peers": -1}
    return Credit(
        **{
            k: _spread(v, place, tokens, fill.get(k, 0)) if isinstance(v, Tensor) else v
            for k, v in parts.items()
        }
    )


def _spread(x: Tensor, place: Tensor, tokens: int, fill: float) -> Tensor:
    full = torch.full((tokens,), fill, dtype=x.dtype, device=x.device)
    return full.index_copy_(0, place, x)
