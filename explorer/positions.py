"""Where a completion is valued: chosen positions, and the distinct prefixes before them.

Samples of one prompt share their first states, and often more; equal prefixes are one state.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer import catalog, peers, ragged
from explorer.types import Rollouts, Starts

Place = str | list[int]  # tokens, segments, blocks, steps, or places in each sample


@dataclass(frozen=True)
class Prefix:
    """The state after `length` completion tokens of a sample, shared by others or not."""

    group: int
    sample: int
    length: int


def positions(
    rollouts: Rollouts, at: Place, *, segmenter: str = "low_probability", **settings: Any
) -> Starts:
    """True at the tokens before which the state is valued; at the start of each sample always.

    Tokens that the policy did not sample are never chosen: no one can continue a tool's output.

    Args:
        at: tokens is every state; blocks and steps are where those of the task begin; segments
            where the segmenter cuts; a list counts tokens from the start of each sample.
        segmenter: cuts the segments.
        settings: of the segmenter.

    Raises:
        ValueError: the rollouts have no blocks or no steps, or there is no such place.
    """
    first = peers.starts(rollouts.sample)
    if isinstance(at, list):
        place = peers.position(rollouts.sample)
        chosen = torch.isin(place, torch.tensor(at, device=place.device))
    elif at == "tokens":
        chosen = torch.ones_like(first)
    elif at == "segments":
        chosen = catalog.run(catalog.load("segmenters", segmenter), rollouts, **settings).bool()
    elif at in ("blocks", "steps"):
        name = "block" if at == "blocks" else "segment"
        index = getattr(rollouts, name)
        if index is None:
            raise ValueError(f"these rollouts have no {at}; choose tokens or segments")
        chosen = peers.starts(index)
    else:
        raise ValueError(f"at must be tokens, segments, blocks, steps or a list; got {at!r}")
    return (chosen | first) & rollouts.mask


def prefixes(rollouts: Rollouts, chosen: Starts) -> tuple[list[Prefix], Tensor]:
    """The distinct prefixes before the chosen tokens, group after group, shortest first; and the
    number of each token's prefix, -1 where none was chosen."""
    bounds = [0, *itertools.accumulate(ragged.lengths(rollouts).tolist())]
    ids, where = rollouts.tokens.tolist(), torch.nonzero(chosen).flatten().tolist()
    sample, group = rollouts.sample.tolist(), rollouts.group.tolist()
    found: dict[tuple[int, tuple[int, ...]], Prefix] = {}
    key_of = {}
    for t in where:
        i = sample[t]
        key = group[i], tuple(ids[bounds[i] : t])
        found.setdefault(key, Prefix(group[i], i, t - bounds[i]))
        key_of[t] = key
    ordered = sorted(found, key=lambda key: (key[0], len(key[1]), key[1]))
    number = {key: n for n, key in enumerate(ordered)}
    index = torch.full(rollouts.tokens.shape, -1)
    if where:
        index[where] = torch.tensor([number[key_of[t]] for t in where])
    return [found[key] for key in ordered], index
