"""Group Sequence Policy Optimization: one ratio a completion. 2025, arXiv:2507.18071."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import PerToken, SampleOfToken


def gspo(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    sample: SampleOfToken,
    *,
    eps_low: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0, at_most=1.0)] = 3e-4,
    eps_high: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 4e-4,
) -> PerToken:
    """The geometric mean of a completion's ratios is clipped, and all its tokens with it.

        s_i = (pi(o_i) / pi_old(o_i)) ** (1 / |o_i|),   s_{i,t} = sg(s_i) pi / sg(pi)
        loss_t = -min(s_{i,t} A, clip(s_{i,t}, 1 - eps_low, 1 + eps_high) A)

    This is the form whose advantage may differ from token to token; its gradient weight is s_i, or
    zero where clipped. Meant for the aggregation sequence_mean. A mean over tokens hardly moves in
    a step, so the clips are a thousand times narrower than PPO's. The log of s is capped at 10.

    Args:
        eps_low: how far down the mean ratio may go; 0 stops at once.
        eps_high: how far up.
    """
    log_s = peers.mean(new_logprobs - old_logprobs, sample).detach().clamp(max=10.0)
    s = log_s.exp() * (new_logprobs - new_logprobs.detach()).exp()
    return -torch.minimum(s * advantage, s.clamp(1 - eps_low, 1 + eps_high) * advantage)
