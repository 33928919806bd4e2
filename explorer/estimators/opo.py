"""On-Policy RL with an Optimal baseline. Hao et al. 2025, arXiv:2505.23585."""

from explorer import peers
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def opo(rewards: PerSample, group: GroupOfSample, sample: SampleOfToken) -> Credit:
    """Reward minus the mean reward of the group's tokens, in rewards.

        A_{i,t} = r_i - sum_j l_j r_j / sum_j l_j,    l = sampled tokens

    The constant baseline of least variance if the squared gradient of a completion grows with its
    length. Biased: the sample is in its own baseline, the more the longer it is. Meant for
    exactly on-policy updates. A group of one gives 0.
    """
    length = peers.lengths(sample, len(rewards)).to(rewards.dtype)
    # Around the plain mean, so that large equal rewards leave no rounding behind.
    center = peers.mean(rewards, group)
    baseline = center + peers.weighted(rewards - center, length, group)
    return Credit(target=peers.at(rewards, sample), baseline=peers.at(baseline, sample))
