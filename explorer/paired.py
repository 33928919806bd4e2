"""Two estimators on the same rollouts: which is less noisy, and do they push the same way.

The noise of one batch is common to all estimators, so their ratio is known far better than either.
A lower variance is worth nothing if the expected direction turns: report both.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.noise import Gram, enough, jackknife_sem, ratio, t_quantile

RESAMPLES = 1000


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval over prompts; NaN where the groups can not say."""

    value: float
    low: float
    high: float


def against(
    gram: Callable[[str, str], Gram], names: Iterable[str], reference: str
) -> list[dict[str, str | float]]:
    """A row for each estimator: `snr_ratio` and `cosine` to the reference, with their intervals.

    `gram(a, b)` holds h_p . h'_q of two estimators: `gradients.products` of their group gradients,
    or the product of their `scores.sums`.
    """
    base = gram(reference, reference)
    rows = []
    for name in names:
        own = gram(name, name)
        row: dict[str, str | float] = {"estimator": name}
        found = {
            "snr_ratio": snr_ratio(own, base),
            "cosine": cosine(own, gram(name, reference), base),
        }
        for column, estimate in found.items():
            row[column] = estimate.value
            row[f"{column}_low"], row[f"{column}_high"] = estimate.low, estimate.high
        rows.append(row)
    return rows


def snr_ratio(gram: Gram, reference: Gram, *, seed: int = 0) -> Estimate:
    """Signal-to-noise ratio over that of the reference, by a paired bootstrap over prompts.

    Above 1 this estimator needs fewer prompts for the same progress. Only pairs of distinct
    prompts enter a resample's signal: a prompt drawn twice is no second witness. NaN where the
    reference shows no signal; an end of the interval is infinite where resamples show none.
    """
    p = enough(len(gram))
    draw = torch.Generator().manual_seed(seed)
    chosen = torch.randint(p, (RESAMPLES, p), generator=draw)
    times = torch.nn.functional.one_hot(chosen, p).sum(1).double()
    own, other = _snr(gram.double(), times), _snr(reference.double(), times)
    nothing = torch.where(own == other, 1.0, math.inf)
    over = torch.where(other > 0, own / other, nothing)
    ends = torch.tensor([0.025, 0.975]).double()
    low, high = torch.quantile(over, ends, interpolation="nearest").tolist()  # of inf, no mean
    once = torch.ones(1, p, dtype=torch.float64)
    value = float(_snr(gram.double(), once) / _snr(reference.double(), once))
    return Estimate(value if float(_pairs(reference.double(), once)) > 0 else math.nan, low, high)


def cosine(gram: Gram, cross: Gram, reference: Gram) -> Estimate:
    """Cosine between the expected gradients of two estimators: 1, and only the length differs.

        cos = C / sqrt(U U'),      C = mean_{p != q} h_p . h'_q,      U, U' the two signals

    `cross[p, q]` = h_p . h'_q. All three are free of the noise that the two share, so the quotient
    can leave [-1, 1]. NaN if a signal is not positive. The interval is jackknifed over prompts.
    """
    p = enough(len(gram))
    grams = [g.double() for g in (gram, cross, reference)]
    everyone = torch.ones(1, p, dtype=torch.float64)
    value = float(_cosines(grams, everyone))
    reach = t_quantile(p - 1) * jackknife_sem(_cosines(grams, 1 - torch.eye(p).double()))
    return Estimate(value, value - reach, value + reach)


def _cosines(grams: list[Tensor], times: Tensor) -> Tensor:
    own, cross, other = (_pairs(g, times) for g in grams)
    length = torch.where((own > 0) & (other > 0), own * other, math.nan)  # two minuses are no plus
    return cross / length.sqrt()


def _snr(gram: Gram, times: Tensor) -> Tensor:
    """Signal over spread in each resample, `times` [resamples, groups] how often a prompt is in."""
    signal = _pairs(gram, times)
    return ratio(signal, times @ gram.diagonal() / times.sum(1) - signal)


def _pairs(gram: Gram, times: Tensor) -> Tensor:
    """Mean inner product of pairs of distinct prompts in each resample."""
    own = times.square()
    pairs = torch.einsum("bp,pq,bq->b", times, gram, times) - own @ gram.diagonal()
    return pairs / (times.sum(1).square() - own.sum(1))
