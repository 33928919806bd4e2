"""Every token weighs the same in every batch. Dr. GRPO: Liu et al. 2025, arXiv:2503.20783."""

from typing import Annotated

import torch

from explorer.knobs import Slider
from explorer.types import GroupOfSample, PerToken, SampleOfToken


def constant_length(
    sample: SampleOfToken,
    group: GroupOfSample,
    *,
    length: Annotated[int, Slider(1, 4096, 1, at_least=1)] = 128,
    per_sample: bool = True,
) -> PerToken:
    """One over a constant that no completion can change.

        c_t = 1 / (B L)

    The authors' code takes the longest allowed completion for L. So the sum over a completion is
    never divided by its own length, and the gradient stays that of the summed log-probability.

    Args:
        length: L, in tokens; a larger one acts like a smaller learning rate.
        per_sample: off leaves out 1 / B, as verl did until 2026-01: the loss grows with the batch.
    """
    share = 1 / (length * (max(len(group), 1) if per_sample else 1))
    return torch.full(sample.shape, share, device=sample.device)
