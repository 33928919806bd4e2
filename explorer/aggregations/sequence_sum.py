"""The mean over completions of the summed loss: the policy gradient itself."""

import torch

from explorer.types import GroupOfSample, PerToken, SampleOfToken


def sequence_sum(sample: SampleOfToken, group: GroupOfSample) -> PerToken:
    """One over the number of completions.

        c_t = 1 / B

    With an unbiased advantage this is the gradient of the expected reward, without any other factor
    (seq-mean-token-sum in verl). Long completions take long steps.
    """
    return torch.full(sample.shape, 1 / max(len(group), 1), device=sample.device)
