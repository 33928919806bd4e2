"""Advantages as int8 levels, one a token, with a scale that holds 99 % of them.

-128 is masked, 0 is exactly zero, and q stands for sign(q) (|q| - 1/2) S / 127, so inside [-S, S]
the error is at most S / 254 and the sign is always right.
"""

import math

import numpy as np

MASKED = -128
COVERED = 0.99  # of the non-zero values lie within the scale
SMALLEST = 1e-30  # scale; 127 / S must be a float32


def quantise(
    advantage: np.ndarray, given: np.ndarray, scale: float | None = None
) -> tuple[np.ndarray, float, np.ndarray]:
    """The strip of an estimator, its S, and the tokens whose value lies beyond S.

    A number that is not one, and a token that was given no credit, is masked. Where all values
    are zero, S is 1.
    """
    known = given & ~np.isnan(advantage)
    all_known = bool(known.all())
    start = runs(advantage)
    few = 2 * len(start) < len(advantage)  # a completion, a step: one number for many tokens
    width = np.diff(np.append(start, len(advantage)))
    value = advantage[start] if few else advantage
    if not all_known:
        value = np.where(np.isnan(value), np.float32(0), value)
    size = np.abs(value)
    many = known
    if few:
        many = width if all_known else np.add.reduceat(known, start, dtype=np.int64)
    limit = np.float32(scale or _limit(size, many))
    level = np.minimum(np.ceil(size * (np.float32(127) / limit)), np.float32(127)).astype(np.int8)
    # The product of a tiny value and 127 / S can underflow; its sign must survive.
    level |= (size > 0).view(np.int8) & (level == 0).view(np.int8)
    strip = level * ((value > 0).view(np.int8) - (value < 0).view(np.int8))
    beyond = size > limit
    if few:
        strip, beyond = np.repeat(strip, width), np.repeat(beyond, width)
    if not all_known:
        strip[~known] = MASKED
        beyond &= known
    return strip, float(limit), np.flatnonzero(beyond)


def dequantise(strip: np.ndarray, scale: float) -> np.ndarray:
    """The numbers that a strip stands for; NaN where it is masked."""
    level = strip.astype(np.float64)
    value = np.sign(level) * (np.abs(level) - 0.5) * scale / 127
    return np.where(strip == MASKED, np.nan, np.where(strip == 0, 0.0, value))


def runs(x: np.ndarray) -> np.ndarray:
    """Where runs of equal numbers start."""
    return np.flatnonzero(changes(x))


def changes(x: np.ndarray) -> np.ndarray:
    """Whether a number differs from the one before it; the first does."""
    changed = np.ones(len(x), bool)
    np.not_equal(x[1:], x[:-1], out=changed[1:])
    return changed


def _limit(size: np.ndarray, many: np.ndarray) -> float:
    """The smallest number that holds 99 % of the non-zero sizes, each `many` times; 1 for none."""
    kept = (size > 0) & np.isfinite(size) & (many > 0)
    if not kept.all():
        size, many = size[kept], many[kept]
    if not len(size):
        return 1.0
    if many.dtype == bool:
        return max(float(_from_the_top(size, len(size) - math.ceil(COVERED * len(size)))), SMALLEST)
    order = np.argsort(size)
    covered = np.cumsum(many[order])
    place = np.searchsorted(covered, math.ceil(COVERED * covered[-1]))
    return max(float(size[order[place]]), SMALLEST)


def _from_the_top(size: np.ndarray, above: int) -> np.float32:
    """The number that has so many above it in the order of sizes."""
    # A few of them tell which ones can be meant at all; only those are sorted. np.partition takes
    # 50 times as long where most are equal.
    some = np.sort(size[:: max(1, len(size) // 1024)])
    top = size[size >= some[int(0.95 * len(some))]]
    return np.sort(top if len(top) > above else size)[-1 - above]
