"""Parts of a batch: some samples, or the sampled tokens only."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from explorer.types import Rollouts, axes


def select(rollouts: Rollouts, keep: Tensor) -> Rollouts:
    """The samples where the boolean `keep` [samples] is True, renumbered; their groups too.

    Segments without a token are dropped. Nodes of a tree stay as they are: they belong to prompts.
    """
    tokens = keep[rollouts.sample]
    groups = torch.unique(rollouts.group[keep])
    places = {"tokens": tokens.nonzero().flatten(), "samples": keep.nonzero().flatten()}
    changes: dict[str, Any] = {}
    if rollouts.segment is not None:
        places["segments"] = torch.unique(rollouts.segment[tokens])
        changes["segment"] = torch.searchsorted(places["segments"], rollouts.segment[tokens])
    for name, axis in axes().items():
        value = getattr(rollouts, name)
        if value is None or name in changes:
            continue
        if axis == "groups":
            changes[name] = [value[g] for g in groups.tolist()]
        elif axis in places:
            changes[name] = _take(value, places[axis])
    changes["sample"] = (keep.cumsum(0) - 1)[rollouts.sample[tokens]]
    changes["group"] = torch.searchsorted(groups, rollouts.group[keep])
    return dataclasses.replace(rollouts, **changes)


def of_group(rollouts: Rollouts, group: int) -> Rollouts:
    """The samples of one prompt."""
    return select(rollouts, rollouts.group == group)


def of_sample(rollouts: Rollouts, sample: int) -> Rollouts:
    """One completion and its prompt."""
    place = torch.arange(len(rollouts.rewards), device=rollouts.rewards.device)
    return select(rollouts, place == sample)


def sampled_only(rollouts: Rollouts) -> Rollouts:
    """The batch without the tokens that the policy did not sample; every sample stays.

    The batch itself, if the policy sampled all of them.
    """
    place = sampled(rollouts)
    if place is None:
        return rollouts
    on_tokens = [name for name, axis in axes().items() if axis == "tokens"]
    return dataclasses.replace(rollouts, **taken(rollouts, on_tokens, place))


def sampled(rollouts: Rollouts) -> Tensor | None:
    """Where the tokens are that the policy sampled, ascending; None if it sampled all of them."""
    # Not `all`, which takes 30 times as long for booleans.
    if not len(rollouts.mask) or bool(rollouts.mask.view(torch.uint8).amin()):
        return None
    return rollouts.mask.nonzero().flatten()


def taken(rollouts: Rollouts, names: Iterable[str], place: Tensor | None) -> dict[str, Any]:
    """The named fields, those on tokens at `place` only; None takes all tokens."""
    fields = {name: getattr(rollouts, name) for name in names}
    if place is None:
        return fields
    return {
        name: _take(x, place) if axes()[name] == "tokens" and x is not None else x
        for name, x in fields.items()
    }


def lengths(rollouts: Rollouts) -> Tensor:
    """Tokens of each sample, sampled or not."""
    return torch.bincount(rollouts.sample, minlength=len(rollouts.rewards))


def _take(value: Tensor | list, place: Tensor) -> Tensor | list:
    # Not value[place], which takes several times as long on a CPU.
    if isinstance(value, Tensor):
        return value.index_select(0, place)
    return [value[i] for i in place.tolist()]
