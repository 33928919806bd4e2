"""Who was compared with whom: the classes of an estimator's peers, counted and averaged."""

import math
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from explorer.types import Credit, Rollouts
from explorer.view.quantise import changes, widths

MOST = 1024  # classes; an estimator with more compares tokens, not completions


class Classes(NamedTuple):
    """Classes of peers by parts: tokens of one class, unit and block. Estimators share them."""

    outside: np.ndarray  # the tokens without a class
    start: np.ndarray  # the first token of each part
    of: np.ndarray  # the class of each, as a place in `known`
    share: np.ndarray  # of one of its tokens in the mean of its class
    known: list[dict[str, Any]]  # class, n, group, block, outcome


def borders(rollouts: Rollouts) -> np.ndarray:
    """The tokens that begin a sample or a block."""
    begins = changes(_numpy(rollouts.sample))
    if rollouts.block is not None:
        begins |= changes(_numpy(rollouts.block))
    return np.flatnonzero(begins)


def classes(
    peers: np.ndarray, segment: np.ndarray | None, rollouts: Rollouts, breaks: np.ndarray
) -> Classes | None:
    """The classes of peers, each with its number of samples, its group and its block.

    A class that spans blocks or outcomes names neither. None for no class, or too many. Units are
    the segments, or samples if there are none; `breaks` are the batch's `borders`.
    """
    begins = changes(peers)
    begins[breaks] = True
    if segment is not None:
        begins |= changes(segment)
        breaks = np.union1d(breaks, np.flatnonzero(changes(segment)))
    at = np.flatnonzero(begins)
    at = at[peers[at] >= 0]
    # Tokens without a class between two of one class do not part them.
    part = np.searchsorted(breaks, at, side="right")
    at = at[changes(part) | changes(peers[at])]
    sample = _numpy(rollouts.sample)[at]
    many = len(rollouts.rewards)
    pairs, pair = np.unique(peers[at] * many + sample, return_inverse=True)
    number, place = np.unique(pairs // many, return_inverse=True)
    if not 0 < len(number) <= MOST:
        return None
    n = np.bincount(place)
    of = place[pair]
    inner = np.zeros_like(at) if segment is None else segment[at] - segment.min()
    units, unit = np.unique(pair * (inner.max() + 1) + inner, return_inverse=True)
    of_pair = np.bincount(units // (inner.max() + 1))  # units
    outside = np.flatnonzero(peers < 0)
    tokens = widths(at, len(peers)) - widths(np.searchsorted(outside, at), len(outside))
    shared = {"group": _shared(_numpy(rollouts.group)[sample], of)}
    if rollouts.block is not None:
        block = _numpy(rollouts.block)[at]
        shared["block"] = _shared(block, of)
        if rollouts.outcomes is not None:
            outcomes = _numpy(rollouts.outcomes)
            before = outcomes[sample, np.clip(block, 0, outcomes.shape[1] - 1)]
            shared["outcome"] = _shared(before, of)
    return Classes(
        outside=outside,
        start=at,
        of=of,
        share=1 / (np.bincount(unit, tokens)[unit] * of_pair[pair] * n[of]),
        known=[
            dict(zip(("class", "n", *shared), row, strict=True))
            for row in zip(number.tolist(), n.tolist(), *shared.values(), strict=True)
        ],
    )


def strata(credit: Credit, classes: Classes) -> dict[str, list[float | None]]:
    """The mean target and the baseline of each class of peers.

    The mean over samples of the mean over their units of the mean over their tokens: a long
    completion counts once, and so does a long segment.
    """
    target = _numpy(credit.target).copy()
    target[classes.outside] = 0
    total = np.add.reduceat(target, classes.start, dtype=np.float64)
    mean = np.bincount(classes.of, total * classes.share)
    baseline = np.bincount(classes.of, _numpy(credit.baseline)[classes.start])
    return {"mean": _numbers(mean), "baseline": _numbers(baseline / np.bincount(classes.of))}


def _shared(value: np.ndarray, of: np.ndarray) -> list[int | None]:
    """The value that all entries of a class have in common, None where they differ."""
    one = np.empty(of.max() + 1, np.int64)
    one[of] = value
    differ = np.bincount(of, value != one[of]).tolist()
    return [None if d else x for x, d in zip(one.tolist(), differ, strict=True)]


def _numbers(several: np.ndarray) -> list[float | None]:
    return [x if math.isfinite(x) else None for x in several.tolist()]


def _numpy(x: Tensor) -> np.ndarray:
    return x.numpy(force=True)
