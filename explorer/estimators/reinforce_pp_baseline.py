"""REINFORCE++-baseline: centred in the group, whitened in the batch. arXiv:2501.03262."""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def reinforce_pp_baseline(
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    unbiased_std: bool = True,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-8,
) -> Credit:
    """Reward minus the group's mean, whitened over all tokens of the batch.

        d_i = r_i - mean(r);    A_{i,t} = (d_i - mean(d)) / sqrt(var(d) + eps)

    Hu et al. 2025. The spread is the batch's, so that no group's small spread blows up. Mean and
    variance are over tokens: where lengths differ, the batch's mean is not 0 and shifts every
    group. Biased by that and by the spread. A group of one gives 0 (verl whitens it too).

    Args:
        unbiased_std: on divides the squares by n - 1 (verl), off by n (OpenRLHF).
        eps: added to the variance; 0 trusts even the smallest spread.
    """
    mean = peers.mean(rewards, group)
    center, unit = peers.whitening(peers.at(rewards - mean, sample), eps, ddof=int(unbiased_std))
    others = (peers.count(group, rewards) > 1).to(rewards.dtype)
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean + center, sample),
        scale=unit.expand_as(sample),
        weight=peers.at(others, sample),
    )
