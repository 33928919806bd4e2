"""Every block of a completion weighs the same. BAE: Pavlenko et al. 2026, arXiv:2602.10231."""

import torch

from explorer import peers
from explorer.types import BlockOfToken, GroupOfSample, PerToken, SampleOfToken


def block_mean(block: BlockOfToken, sample: SampleOfToken, group: GroupOfSample) -> PerToken:
    """Mean over completions of the sum over blocks of the mean over the block's tokens.

        c_t = 1 / (B |T_k^i|)

    The blocks are summed, not averaged: a short confidence block pushes as hard as a long chain of
    reasoning. Tokens in no block weigh nothing.
    """
    lengths = peers.count((sample, block), torch.ones(1, device=sample.device))
    return (1 / (len(group) * lengths)).where(block >= 0, 0.0)
