"""OAR: GRPO, weighted by what the answer depends on. Li et al. 2026, arXiv:2601.07408."""

from typing import Annotated

import torch
from torch import Tensor

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, PerToken, SampleOfToken

EPS = 1e-8


def oar(
    rewards: PerSample,
    importance: PerToken,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    q: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.25,
    beta: Annotated[float, Slider(0.0, 4.0, 0.1, at_least=0.0)] = 1.0,
    floor: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.1,
    keep_mass: bool = True,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """GRPO, with more of it for tokens that the answer depends on.

        n = log(1 + I) from 0 to 1 in its sample, tau its q-quantile
        w = max(n / tau, floor) if n < tau,    else 1 + beta (n - tau) / (1 - tau)

    I is how far the distribution of the answer moves when the token is hidden (OAR-P, in nats) or
    its embedding nudged (OAR-G); `explorer.importance` measures either. Weights are positive: no
    token changes its sign. Where importance was not measured (NaN, such as in the answer itself)
    the weight is 1. As in the authors' code, without its slip of using one sample's tau as the next
    one's q.

    Args:
        q: share of the tokens, the least important, that is damped.
        beta: the most important token weighs 1 + beta; 0 only damps.
        floor: least weight; 1 damps nothing.
        keep_mass: on makes the weights of a sample average 1, so that the total stays GRPO's.
        eps: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    weight = torch.ones_like(importance)
    for some in peers.pieces(sample):  # what sorts takes much memory
        here = some[~peers.at(importance, some).isnan()]
        of, sensed = peers.at(sample, here), peers.at(importance, here).clamp_(min=0).log1p_()
        damped = _weights(sensed, of, q, beta, floor)
        if keep_mass:
            damped /= peers.mean(damped, of) + EPS
        weight.index_copy_(0, here, damped)
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(peers.mean(rewards, group), sample),
        scale=peers.at(peers.unit(rewards, group, eps), sample),
        weight=weight,
        peers=peers.at(group.int(), sample),
    )


def _weights(sensed: Tensor, sample: Tensor, q: float, beta: float, floor: float) -> Tensor:
    """w above, before the mass is restored."""
    low, high = peers.extremes(sensed, sample)
    n = (sensed - low) / (high - low).where(high > low, 1.0)
    tau = peers.quantile(n, sample, q)
    damped = (n / (tau + EPS)).clamp(min=floor)
    return torch.where(n < tau, damped, 1 + beta * (n - tau) / (1 - tau + EPS))
