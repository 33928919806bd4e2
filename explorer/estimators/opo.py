"""On-Policy RL with an Optimal baseline. Hao et al. 2025, arXiv:2505.23585."""

import torch

from explorer import peers
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def opo(rewards: PerSample, group: GroupOfSample, sample: SampleOfToken) -> Credit:
    """Reward minus the mean reward of the group's tokens, in rewards.

        A_{i,t} = r_i - sum_j l_j r_j / sum_j l_j,    l = sampled tokens

    The constant baseline of least variance if the squared gradient of a completion grows with its
    length. Biased: the sample is in its own baseline, the more the longer it is. Meant for
    exactly on-policy updates. A group of one gives 0.
    """
    length = torch.bincount(sample, minlength=len(rewards)).to(rewards.dtype)
    center = peers.mean(rewards, group)
    # Around the plain mean, so that large equal rewards leave no rounding behind.
    excess = peers.total(length * (rewards - center), group)
    baseline = center + excess / peers.total(length, group).clamp(min=1)
    return Credit(target=peers.at(rewards, sample), baseline=peers.at(baseline, sample))
