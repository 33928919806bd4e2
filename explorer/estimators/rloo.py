"""REINFORCE, leave one out. Ahmadian et al. 2024, arXiv:2402.14740."""

import torch

from explorer import peers
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def rloo(rewards: PerSample, group: GroupOfSample, sample: SampleOfToken) -> Credit:
    """Reward minus the mean reward of the group's other samples.

        A_{i,t} = r_i - 1/(n-1) sum_{j != i} r_j = n/(n-1) (r_i - mean(r))

    Written in the second form, so that the whole group stays visible as peers. Unbiased: the mean
    of the others never sees the sample's own reward. A group of one gives 0 (verl gives it r).
    """
    n = peers.count(group, rewards)
    weight = torch.where(n > 1, n / (n - 1), 0.0)
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(peers.mean(rewards, group), sample),
        weight=peers.at(weight, sample),
        peers=peers.at(group.int(), sample),
    )
