"""Proximal Policy Optimization, clipped. Schulman et al. 2017, arXiv:1707.06347."""

from typing import Annotated

import torch

from explorer.knobs import Slider
from explorer.types import PerToken


def ppo_clip(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    eps_low: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.2,
    eps_high: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0)] = 0.2,
    dual_clip: bool = False,
    c: Annotated[float, Slider(1.0, 10.0, 0.5, at_least=1.0)] = 3.0,
) -> PerToken:
    """The step stops paying once a token's probability has moved far enough the right way.

        loss_t = -min(rho A, clip(rho, 1 - eps_low, 1 + eps_high) A),   rho = pi / pi_old   (eq. 7)
        dual clip, A < 0:  loss_t = min(loss_t, -c A)                          (arXiv:1912.09729)

    Beyond the clip the gradient is zero, on the side that A asks for only. The log of the ratio is
    kept within 20, so that it never overflows.

    Args:
        eps_low: how far down a probability may go, as a share; 0 stops at once, 1 never.
        eps_high: how far up; DAPO's clip-higher is 0.28 here, so that rare tokens may grow.
        dual_clip: on bounds the loss of a punished token that has become much likelier.
        c: that bound, in units of the advantage; large ones change nothing.
    """
    ratio = (new_logprobs - old_logprobs).clamp(-20.0, 20.0).exp()
    kept = torch.minimum(ratio * advantage, ratio.clamp(1 - eps_low, 1 + eps_high) * advantage)
    if dual_clip:
        kept = torch.where(advantage < 0, torch.maximum(kept, c * advantage), kept)
    return -kept
