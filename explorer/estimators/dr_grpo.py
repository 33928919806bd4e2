"""GRPO done right: no division by the spread. Liu et al. 2025, arXiv:2503.20783."""

from explorer import peers
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def dr_grpo(rewards: PerSample, group: GroupOfSample, sample: SampleOfToken) -> Credit:
    """Reward minus the mean reward of the group, in rewards.

        A_{i,t} = r_i - mean(r)

    The sample is in its own mean, so with groups of n the expected gradient is (n - 1)/n times
    the true one: the direction is unbiased. The method's other half is an aggregation that divides
    by a constant and not by the length. A group of one gives 0 (verl gives it r).
    """
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(peers.mean(rewards, group), sample),
        peers=peers.at(group.int(), sample),
    )
