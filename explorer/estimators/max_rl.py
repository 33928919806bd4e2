"""MaxRL: the centred reward in units of the mean. Tajwar et al. 2026, arXiv:2602.02710."""

from explorer import peers
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def max_rl(rewards: PerSample, group: GroupOfSample, sample: SampleOfToken) -> Credit:
    """Reward minus the group's mean, in units of that mean.

        A_{i,t} = (r_i - mean(r)) / mean(r),    0 where mean(r) <= 0

    For rewards that are not negative. A right answer to a prompt that is hardly ever solved gets
    (n - s)/s, s the number of right ones: the rarer, the more. Biased on purpose, towards the
    gradient of the log of the chance to solve the prompt. A group of one gives 0.
    """
    mean = peers.mean(rewards, group)
    solved = mean > 0
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean, sample),
        scale=peers.at(mean.where(solved, 1.0), sample),
        weight=peers.at(solved.to(mean.dtype), sample),
        peers=peers.at(group.int(), sample),
    )
