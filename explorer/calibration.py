"""How far stated confidences are from how often they are right (sec. 5.2 of arXiv:2602.10231)."""

import math

from torch import Tensor

from explorer.types import PerSample

BINS = 11


def brier(confidence: PerSample, correct: PerSample) -> float:
    """Mean of (q - c)^2 over the samples that state a confidence; NaN if none does.

    0.25 is what a constant one half earns; 0 is perfect. NaN in `confidence`: not stated.
    """
    stated = ~confidence.isnan()
    return (confidence - correct)[stated].square().mean().item()


def ece(confidence: PerSample, correct: PerSample) -> float:
    """Expected calibration error: |accuracy - mean confidence| of a bin, weighted by its size.

    The paper's 11 bins: [0, 0.1), ..., [0.9, 1), and 1 by itself. NaN if no confidence is stated.
    """
    stated = ~confidence.isnan()
    if not bool(stated.any()):
        return float("nan")
    gap = (correct - confidence)[stated]
    sums = gap.new_zeros(BINS).index_add_(0, _bins(confidence[stated]), gap)
    return (sums.abs().sum() / len(gap)).item()


def reliability(confidence: PerSample, correct: PerSample) -> list[dict[str, float]]:
    """What `ece` sums up: a row for each of its bins that is not empty, from low to high.

    `confidence` is the bin's mean, `right` its share of right answers, `right_low` and
    `right_high` the 95 % interval by Wilson 1927, as if completions were independent; those of one
    prompt are not, so it is a little short.
    """
    stated = ~confidence.isnan()
    q, c = confidence[stated].double(), correct[stated].double()
    bins = _bins(q)
    rows = []
    for k in bins.unique().tolist():
        here = bins == k
        n, right = int(here.sum()), float(c[here].mean())
        low, high = _wilson(right, n)
        row = {"confidence": float(q[here].mean()), "right": right, "samples": float(n)}
        rows.append(row | {"right_low": low, "right_high": high})
    return rows


def _bins(confidence: PerSample) -> Tensor:
    # The nudge keeps 0.3 in the bin that begins at 0.3, although 0.3 * 10 may fall short of 3.
    return (confidence * 10 + 1e-4).long()


def _wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The shares that lie within z of their own standard errors from the one that was seen."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return middle - reach, middle + reach
