"""Geometric-Mean Policy Optimization. Zhao et al. 2025, arXiv:2507.20673."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import PerToken, SampleOfToken


def gmpo(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    sample: SampleOfToken,
    *,
    eps_low: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0)] = 0.4,
    eps_high: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0)] = 0.4,
) -> PerToken:
    """The geometric mean of a completion's clipped ratios, times its advantage.

        loss_t = -A_i exp(mean_t c_t),   sign(A) c_t = min(sign(A) l_t, sign(A) clip(l_t))
        l_t = log pi - log pi_old,   clip to [-eps_low, eps_high]

    Each token is clipped in the log, before the mean: an outlier neither dominates the completion
    nor switches it off. One number a completion, repeated on its tokens: meant for the aggregation
    sequence_mean. A_i is the mean of its tokens' advantages. As in verl's `geo_mean`; the clips are
    the paper's, (e^-0.4, e^0.4).

    Args:
        eps_low: how far down the log-probability of a token may go, in nats; 0 stops at once.
        eps_high: how far up.
    """
    log_ratio, sign = new_logprobs - old_logprobs, advantage.sign()
    kept = sign * torch.minimum(sign * log_ratio, sign * log_ratio.clamp(-eps_low, eps_high))
    mean = peers.mean(kept, sample).clamp(max=20.0)
    return -peers.mean(advantage, sample) * mean.exp()
