"""Every completion weighs the same. GRPO: Shao et al. 2024, arXiv:2402.03300."""

import torch

from explorer import peers
from explorer.types import GroupOfSample, PerToken, SampleOfToken


def sequence_mean(sample: SampleOfToken, group: GroupOfSample) -> PerToken:
    """Mean over completions of the mean over the completion's tokens.

        c_t = 1 / (B |o_i|)                                                          (eq. 3)

    A token of a long completion weighs less: long wrong answers are punished less a token than
    short ones, which Dr. GRPO (arXiv:2503.20783) blames for their growth.
    """
    lengths = peers.count(sample, torch.ones(1, device=sample.device))
    return 1 / (len(group) * lengths)
