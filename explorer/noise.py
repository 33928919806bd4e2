"""How noisy a policy gradient is, from the inner products of its prompt groups.

McCandlish et al. 2018, arXiv:1812.06162 (the simple noise scale); the estimators of its appendix
A.1 with B_small = 1 prompt group and B_big = all of them. The samples of one prompt share a
baseline and a difficulty, so groups are the units: with completions as units the variance comes
out about 30 % low. Everything here is a function of the Gram matrix

    gram[p, q] = h_p . h_q,        h_p the gradient from prompt group p, their mean the batch's
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Gram = Float[Tensor, "groups groups"]
PerGroup = Float[Tensor, "groups"]


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Noise and signal of one estimator's batch gradient.

    NaN where the tier or the number of groups can not say. A zero advantage has zero variance:
    read `noise_scale` or `snr` first, and `variance` only beside `signal`.
    """

    variance: float  # tr Cov of the batch gradient
    signal: float  # squared norm of the expected gradient; unbiased, so it can be negative
    noise_scale: float  # prompt groups whose batch has as much noise as signal
    snr: float  # signal / variance of this batch
    low: float  # of the 95 % interval of snr, over prompts
    high: float
    groups: int  # that were measured
    tier: str  # logit, sketch, tail or exact
    variance_sem: float = math.nan  # standard errors over prompts
    signal_sem: float = math.nan


def noise(gram: Gram, tier: str, *, batch: int | None = None) -> Noise:
    """Variance, signal, noise scale and signal-to-noise ratio, with intervals over prompts.

        signal = mean_{p != q} h_p . h_q                      estimates |E h|^2
        S      = mean_p |h_p|^2 - signal                      estimates tr Cov(h)
        variance = S / P,   noise_scale = S / signal,   snr = P signal / S

    P are the groups of the `batch` whose gradient is meant; any part of them that was chosen
    without looking at it estimates S and signal. None: the batch is what was measured.

    `noise_scale` is infinite where the signal is not positive: no batch is large enough as far
    as these groups tell. Intervals are jackknifed over prompts (Student's t, P - 1 degrees of
    freedom) and need 3 groups. If the advantages were normalised over the batch, groups are
    coupled and the numbers are conditional on the batch's statistics.

    Raises:
        ValueError: fewer than 2 prompt groups.
    """
    measured = enough(len(gram))
    p = batch or measured
    gram = gram.double()
    spread, signal = moments(gram)
    without = leave_one_out(gram)
    share, share_sem = ratio(signal, spread), jackknife_sem(ratio(without[1], without[0]))
    reach = t_quantile(measured - 1) * p * share_sem
    return Noise(
        variance=float(spread) / p,
        signal=float(signal),
        noise_scale=_scale(float(spread), float(signal)),
        snr=p * float(share),
        low=p * float(share) - reach,
        high=p * float(share) + reach,
        groups=measured,
        tier=tier,
        variance_sem=jackknife_sem(without[0]) / p,
        signal_sem=jackknife_sem(without[1]),
    )


def from_norms(squared: PerGroup, tier: str) -> Noise:
    """The most that squared norms alone can say: tr Cov is at most the mean of |h_p|^2.

    `variance` is the second moment over P, an upper bound that is close when the noise scale is
    many groups; signal, noise scale and ratio stay NaN.
    """
    p = enough(len(squared))
    squared = squared.double()
    return Noise(
        variance=float(squared.mean()) / p,
        signal=math.nan,
        noise_scale=math.nan,
        snr=math.nan,
        low=math.nan,
        high=math.nan,
        groups=p,
        tier=tier,
        variance_sem=float(squared.std()) / p**1.5,
    )


def moments(gram: Gram) -> tuple[Tensor, Tensor]:
    """tr Cov(h) and |E h|^2, both unbiased for groups that are drawn independently."""
    p = len(gram)
    diagonal = gram.diagonal().sum()
    signal = (gram.sum() - diagonal) / (p * (p - 1))
    return diagonal / p - signal, signal


def leave_one_out(gram: Gram) -> tuple[PerGroup, PerGroup]:
    """`moments` of the P - 1 groups that stay when each is left out; NaN if fewer than 2 stay."""
    p = len(gram)
    if p < 3:
        nothing = torch.full((p,), math.nan, dtype=gram.dtype)
        return nothing, nothing
    own, row = gram.diagonal(), gram.sum(1)
    pairs = (row - own).sum() - 2 * (row - own)
    signal = pairs / ((p - 1) * (p - 2))
    return (own.sum() - own) / (p - 1) - signal, signal


def ratio(signal: Tensor, spread: Tensor) -> Tensor:
    """signal / spread, and 0 where there is neither: a gradient of zero has no signal."""
    return torch.where((spread == 0) & (signal == 0), 0.0, signal / spread)


def jackknife_sem(without: PerGroup) -> float:
    """Standard error of a statistic from its values with one group left out (Tukey 1958)."""
    p = len(without)
    return math.sqrt((p - 1) / p * float((without - without.mean()).square().sum()))


def t_quantile(freedom: int) -> float:
    """The 97.5 % point of Student's t, by the expansion around the normal (26.7.5 of Abramowitz
    and Stegun 1964): within 0.5 % from 3 degrees of freedom, 11 % short at 1."""
    z, n = 1.959964, float(freedom)
    terms = (
        z,
        (z**3 + z) / 4 / n,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96 / n**2,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / n**3,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160 / n**4,
    )
    return sum(terms)


def enough(groups: int) -> int:
    """The number of groups, if a variance can be had from it.

    Raises:
        ValueError: fewer than 2.
    """
    if groups < 2:
        raise ValueError(
            f"gradient variance needs at least 2 prompt groups, got {groups}; use more prompts"
        )
    return groups


def _scale(spread: float, signal: float) -> float:
    if spread == 0 and signal == 0:
        return math.nan
    return spread / signal if signal > 0 else math.inf
