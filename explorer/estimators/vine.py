"""VinePPO: step credit from Monte-Carlo values. Kazemnejad et al. 2024, arXiv:2410.01679."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import By, Slider
from explorer.types import Credit, PerSample, PerToken, SampleOfToken, SegmentOfToken


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
    start, last = peers.starts(segment), peers.ends(sample)
    step = peers.within(start.to(rewards.dtype), sample)  # from 1
    measured = start & ~mc_values.isnan() & (step <= max_steps)
    known = mc_values.where(measured, torch.where(last, rewards[sample], 0.0))
    ahead = peers.tail(known, (~measured).to(known.dtype), sample)  # the next value, t included
    target = torch.where(last, rewards[sample], ahead.roll(-1))
    first = torch.arange(len(sample), device=sample.device) - peers.position(segment)
    return Credit(target=target, baseline=ahead[first])
