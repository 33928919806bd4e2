"""VinePPO: step credit from Monte-Carlo values. Kazemnejad et al. 2024, arXiv:2410.01679."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import By, Slider
from explorer.types import Credit, PerSample, PerToken, SampleOfToken, SegmentOfToken, Starts


def vine(
    rewards: PerSample,
    mc_values: PerToken,
    segment: Annotated[SegmentOfToken, By("steps")],
    sample: SampleOfToken,
    *,
    max_steps: Annotated[int, Slider(1, 50, 1, at_least=1)] = 25,
) -> Credit:
    """Value where the next step starts, minus value where this one does.

        A_k = V(s_{k+1}) - V(s_k),   V(s) the mean reward of continuations from s

    `mc_values` is read at step starts only; after the last step comes the sample's own reward. A
    step beyond max_steps, or not measured (NaN), takes the value of the next one and gets 0, as in
    the authors' code. No discount. Unbiased if the values are exact. SPO-chain is this on other
    segments, with a mask.

    Args:
        max_steps: steps of a completion that are valued; the last of them is credited with all
            that follows. The authors' 25 bounds the cost.
    """
    start = peers.starts(segment)
    measured = start & _early(start, sample, max_steps) & ~mc_values.isnan()
    target = peers.upcoming(mc_values, measured, sample, rewards)
    value = mc_values.where(measured, target)
    return Credit(target=target, baseline=peers.first(value, segment))


def _early(start: Starts, sample: SampleOfToken, max_steps: int) -> Starts:
    """Whether a token lies in one of the first `max_steps` steps of its sample."""
    steps = start.cumsum(0, dtype=torch.int32)
    return steps - peers.first(steps, sample) < max_steps
