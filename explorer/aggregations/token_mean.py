"""Every token weighs the same. DAPO: Yu et al. 2025, arXiv:2503.14476."""

import torch

from explorer.types import PerToken, SampleOfToken


def token_mean(sample: SampleOfToken) -> PerToken:
    """One over the number of sampled tokens of the batch.

        c_t = 1 / sum_i |o_i|

    Long completions weigh more than short ones, in proportion to their length.
    """
    return torch.full(sample.shape, 1 / max(len(sample), 1), device=sample.device)
