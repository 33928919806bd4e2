"""Asymmetric importance Sampling Policy Optimization. Wang et al. 2025, arXiv:2510.06062."""

from typing import Annotated

import torch

from explorer.knobs import Slider
from explorer.types import PerToken


def aspo(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    eps_low: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.2,
    eps_high: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0)] = 0.2,
    c: Annotated[float, Slider(1.0, 10.0, 0.5, at_least=0.0)] = 3.0,
) -> PerToken:
    """Rewarded tokens weigh the inverse of the ratio, so that those left behind catch up.

        loss_t = -sg(w) A log pi,   w = min(1 / rho if A > 0 else rho, c)
        w = 0 where A > 0 and rho > 1 + eps_high, or A < 0 and rho < 1 - eps_low

    PPO pushes a rewarded token the harder, the likelier it already became; this is the reverse. The
    cap c keeps the gradient, unlike dual clip. At rho = 1 it is GRPO.

    Args:
        eps_low: how far down a punished probability may go, as a share; 1 never stops.
        eps_high: how far up a rewarded one may go.
        c: the largest weight; large ones let a token that fell far take a leap.
    """
    log_ratio = (new_logprobs - old_logprobs).detach().clamp(-20.0, 20.0)
    ratio = log_ratio.exp()
    weight = torch.where(advantage > 0, -log_ratio, log_ratio).exp().clamp(max=c)
    away = (advantage > 0) & (ratio > 1 + eps_high) | (advantage < 0) & (ratio < 1 - eps_low)
    return -weight.where(~away, 0.0) * advantage * new_logprobs
