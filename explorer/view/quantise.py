"""Advantages as int8 levels, one a token, with a scale that holds 99 % of them.

-128 is masked, 0 is exactly zero, and q stands for sign(q) (|q| - 1/2) S / 127, so inside [-S, S]
the error is at most S / 254 and the sign is always right.
"""

import math
from typing import NamedTuple

import numpy as np

MASKED = -128
COVERED = 0.99  # of the non-zero values lie within the scale
RUN = 8  # times what a level takes; its start and its share in the limit are more than its bytes
SMALLEST = 1e-30  # scale; 127 / S must be a float32


class Strip(NamedTuple):
    """The levels of an estimator, by runs of equal values where those are few."""

    start: np.ndarray | None  # the tokens at which runs begin; None for one level a token
    level: np.ndarray  # one a run
    scale: float  # S
    beyond: np.ndarray  # the tokens whose value lies beyond S
    masked: int  # tokens without a number


class Given(NamedTuple):
    """Which tokens an estimator gives credit; most give it to the same ones."""

    mask: np.ndarray
    begins: np.ndarray  # whether it differs from the token before
    outside: np.ndarray  # the tokens without

    @classmethod
    def to(cls, mask: np.ndarray) -> "Given":
        """Credit to the tokens where `mask` is True."""
        return cls(mask, changes(mask), np.flatnonzero(~mask))


def quantise(advantage: np.ndarray, given: Given, scale: float | None = None) -> Strip:
    """The strip of an estimator.

    A number that is not one, and a token that was given no credit, is masked. Where all values
    are zero, S is 1.
    """
    begins = changes(advantage)
    if len(given.outside):
        begins |= given.begins
    start = width = None
    value, unknown = advantage, given.outside
    if RUN * np.count_nonzero(begins) < len(advantage):  # one number for a completion, for a step
        start = np.flatnonzero(begins)
        width = widths(start, len(advantage))
        value, unknown = advantage[start], np.flatnonzero(~given.mask[start])
    size = np.abs(value)
    if math.isnan(size.max(initial=0)):
        unknown = np.union1d(unknown, np.flatnonzero(np.isnan(size)))
    size[unknown] = 0
    limit = np.float32(scale or _limit(size, width))
    over = np.flatnonzero(size > limit)
    size[over] = limit
    level = _levels(size, limit)
    level *= (value > 0).view(np.int8) - (value < 0).view(np.int8)
    level[unknown] = MASKED
    return Strip(
        start=start,
        level=level,
        scale=float(limit),
        beyond=over if start is None or width is None else _tokens(over, start, width),
        masked=len(unknown) if width is None else int(width[unknown].sum()),
    )


def dequantise(strip: np.ndarray, scale: float) -> np.ndarray:
    """The numbers that levels stand for; NaN where they are masked."""
    level = strip.astype(np.float64)
    value = np.sign(level) * (np.abs(level) - 0.5) * scale / 127
    return np.where(strip == MASKED, np.nan, np.where(strip == 0, 0.0, value))


def runs(x: np.ndarray) -> np.ndarray:
    """Where runs of equal numbers start."""
    return np.flatnonzero(changes(x))


def changes(x: np.ndarray) -> np.ndarray:
    """Whether a number differs from the one before it; the first does."""
    changed = np.empty(len(x), bool)
    changed[:1] = True
    np.not_equal(x[1:], x[:-1], out=changed[1:])
    return changed


def widths(start: np.ndarray, n: int) -> np.ndarray:
    """How many of n tokens each run holds, the last one up to the end."""
    width = np.empty(len(start), np.int64)
    np.subtract(start[1:], start[:-1], out=width[:-1])
    width[-1:] = n - start[-1:]
    return width


def _tokens(run: np.ndarray, start: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The tokens of some runs."""
    if not len(run):
        return run
    return np.concatenate(
        [np.arange(a, a + n) for a, n in zip(start[run], width[run], strict=True)]
    )


def _levels(size: np.ndarray, limit: np.float32) -> np.ndarray:
    """How many 127ths of the limit hold each size, which is at most the limit."""
    # One unit in the last place less than 127 / S, so that S itself is not above 127.
    scaled = size * np.nextafter(np.float32(127) / limit, np.float32(0))
    level = np.ceil(scaled, out=scaled).astype(np.int8)
    # The product of a tiny size and 127 / S can underflow; its sign must survive.
    np.maximum(level, (size > 0).view(np.int8), out=level)
    return level


def _limit(size: np.ndarray, width: np.ndarray | None) -> float:
    """The smallest number that holds 99 % of the non-zero sizes, each `width` times; 1 for none."""
    if size.max(initial=0) == math.inf:
        size = np.where(np.isinf(size), np.float32(0), size)
    if width is None:
        many = int(np.count_nonzero(size > 0))
        least = _from_the_top(size, many - math.ceil(COVERED * many)) if many else 1.0
        return max(float(least), SMALLEST)
    order = np.argsort(size)
    covered = np.cumsum(np.where(size > 0, width, 0)[order])
    if not len(size) or not covered[-1]:
        return 1.0
    place = np.searchsorted(covered, math.ceil(COVERED * covered[-1]))
    return max(float(size[order[place]]), SMALLEST)


def _from_the_top(size: np.ndarray, above: int) -> np.float32:
    """The number that has so many above it in the order of sizes."""
    # A few of them tell a number near it, and only what is beyond that one is sorted: sorting all
    # takes longer, and np.partition 50 times as long where most are equal.
    near = np.sort(size[:: max(1, len(size) // 1024)])
    near = near[int(0.95 * len(near))]
    beyond = size[size > near]
    if above < len(beyond):
        return np.sort(beyond)[-1 - above]
    return near if above < np.count_nonzero(size >= near) else np.sort(size)[-1 - above]
