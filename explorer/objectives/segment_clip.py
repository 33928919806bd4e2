"""PPO's clip with one ratio a sentence. Paul33333's blog, 2025-02-07; no paper, no experiments."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import PerToken, SegmentOfToken


def segment_clip(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    segment: SegmentOfToken,
    *,
    eps_low: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.2,
    eps_high: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0)] = 0.2,
) -> PerToken:
    """The ratio of the whole sentence is clipped.

        rho_{i,s} = pi(o_{i,s} | q, o_{i,<s}) / pi_old(o_{i,s} | q, o_{i,<s})
        loss_t = -min(rho_{i,s} A, clip(rho_{i,s}, 1 - eps_low, 1 + eps_high) A)

    The ratio is the product over the sentence's tokens, without a root: long sentences are clipped
    sooner. One number a sentence, repeated on its tokens: meant for the aggregation segment_mean.

    Args:
        eps_low: how far down a sentence's probability may go, as a share; 1 never stops.
        eps_high: how far up.
    """
    log_ratio = peers.total(new_logprobs - old_logprobs, segment)
    ratio = log_ratio.clamp(-20.0, 20.0).exp()
    return -torch.minimum(ratio * advantage, ratio.clamp(1 - eps_low, 1 + eps_high) * advantage)
