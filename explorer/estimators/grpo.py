"""Group Relative Policy Optimization, outcome supervision. Shao et al. 2024, arXiv:2402.03300."""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def grpo(
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    divide_by_std: bool = True,
    unbiased_std: bool = True,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """Reward minus the mean reward of the group, in units of the group's spread.

        A_{i,t} = (r_i - mean(r)) / (std(r) + eps)                                  (sec. 4.1.2)

    Every token of a sample gets the same number. The paper names neither the kind of std nor eps;
    both are verl's. Biased: the spread depends on the sample, and prompts whose answers are nearly
    all right or nearly all wrong weigh more. Equal rewards, and a group of one, give 0.

    Args:
        divide_by_std: off compares in rewards, on in units of the group's spread, so that easy
            and hard prompts push equally hard.
        unbiased_std: on divides the squares by n - 1 (verl, TRL), off by n.
        eps: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    mean, unit = peers.mean_and_unit(rewards, group, eps, ddof=int(unbiased_std))
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean, sample),
        scale=peers.at(unit, sample) if divide_by_std else 1.0,
        peers=peers.at(group.int(), sample),
    )
