"""GRPO with process supervision. Shao et al. 2024, arXiv:2402.03300, section 4.1.3."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSegmentPart, SampleOfToken, SegmentOfToken


def process_grpo(
    segment_rewards: PerSegmentPart,
    segment: SegmentOfToken,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    unbiased_std: bool = True,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """Sum of the normalised rewards of this step and the ones that follow.

        z_j = (r_j - mean(R)) / (std(R) + eps),    A_{i,t} = sum of z_j over steps that end at t or
        later,    R = all step rewards of the group, pooled

    A step's reward is the mean of its parts and stands at its last token; NaN is no reward. Every
    step weighs the same in mean and spread, so completions of many steps weigh more, and their
    early tokens get larger numbers: it is a sum. A group of one gives 0.

    Args:
        unbiased_std: on divides the squares by n - 1 (verl, TRL), off by n.
        eps: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    stops = peers.ends(segment)
    step = peers.at(segment_rewards.nanmean(1), segment.masked_select(stops))
    paid = stops.masked_scatter(stops, ~step.isnan())
    reward = step[~step.isnan()]
    of_prompt = peers.at(group, sample.masked_select(paid))
    unit = reward.new_ones(int(group.max()) + 1)
    unit[of_prompt] = peers.unit(reward, of_prompt, eps, ddof=int(unbiased_std))

    def following(x: torch.Tensor) -> torch.Tensor:
        return peers.tail(x.new_zeros(len(sample)).masked_scatter_(paid, x), 1.0, sample)

    others = (peers.count(group, step) > 1).to(step.dtype)
    return Credit(
        target=following(reward),
        baseline=following(peers.mean(reward, of_prompt)),
        scale=peers.at(unit[group], sample),
        weight=peers.at(others, sample),
    )
