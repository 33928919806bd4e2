"""Soft Adaptive Policy Optimization: a gate in place of a clip. 2025, arXiv:2511.20347."""

from typing import Annotated

import torch

from explorer.knobs import Slider
from explorer.types import PerToken


def sapo(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    tau_pos: Annotated[float, Slider(0.1, 10.0, 0.05, at_least=0.001)] = 1.0,
    tau_neg: Annotated[float, Slider(0.1, 10.0, 0.05, at_least=0.001)] = 1.05,
) -> PerToken:
    """The gradient fades smoothly as the ratio leaves 1, in either direction.

        loss_t = -(4 / tau) sigmoid(tau (rho - 1)) A,   tau = tau_pos if A > 0 else tau_neg

    The gradient weight is 4 s (1 - s) rho with s the sigmoid: 1 at rho = 1, whatever tau. Meant for
    the aggregation sequence_mean.

    Args:
        tau_pos: small ones hardly fade, large ones trust only ratios close to 1; rewarded tokens.
        tau_neg: the same for punished tokens; larger than tau_pos, since these push many others up.
    """
    ratio = (new_logprobs - old_logprobs).clamp(-20.0, 20.0).exp()
    tau = torch.where(advantage > 0, tau_pos, torch.full_like(advantage, tau_neg))
    return -4 / tau * torch.sigmoid(tau * (ratio - 1)) * advantage
