"""Clip-Cov: tokens that use up the entropy sit out (reconstruction). 2025, arXiv:2505.22617.

Written after verl's function; the paper was not read.
"""

from typing import Annotated

import torch

from explorer.knobs import Slider
from explorer.types import PerToken


def clip_cov(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    share: Annotated[float, Slider(0.0, 0.1, 0.0001, at_least=0.0, at_most=1.0)] = 0.0002,
    low: Annotated[float, Slider(0.0, 10.0, 0.1)] = 1.0,
    high: Annotated[float, Slider(0.0, 20.0, 0.1)] = 5.0,
    eps_low: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.2,
    eps_high: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0)] = 0.2,
    seed: Annotated[int, Slider(0, 100, 1, at_least=0)] = 0,
) -> PerToken:
    """PPO's clip; besides, a few tokens whose probability and advantage agree get no gradient.

        cov_t = (A_t - mean A) (log pi_t - mean log pi),    means over the tokens
        loss_t = 0 for a random `share` of all, out of {low < cov_t < high}, else PPO's

    A likely token with a high advantage makes the policy surer still, and entropy falls by about
    the mean of cov. Tokens that PPO's clip stops already are not drawn. At least one is, if any
    lies between the bounds. All tokens are those of one backward pass.

    Args:
        share: of the tokens that sit out; 0 is one of them.
        low: tokens that agree less learn on; large ones let all learn.
        high: tokens that agree more are taken for outliers and learn on.
        eps_low: how far down a probability may go, as a share; 0 stops at once, 1 never.
        eps_high: how far up.
        seed: of the draw.
    """
    ratio = (new_logprobs - old_logprobs).clamp(-20.0, 20.0).exp()
    clipped = ratio.clamp(1 - eps_low, 1 + eps_high) * advantage
    likely = new_logprobs.detach()
    cov = (advantage - advantage.mean()) * (likely - likely.mean())
    learns = ratio * advantage <= clipped
    between = ((cov > low) & (cov < high) & learns).nonzero().flatten()
    # Drawn on the CPU, so that every device draws the same.
    order = torch.randperm(len(between), generator=torch.Generator().manual_seed(seed))
    out = between[order[: max(1, int(share * len(cov)))].to(between.device)]
    return -torch.minimum(ratio * advantage, clipped).index_fill(0, out, 0.0)
