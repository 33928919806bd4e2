"""Segment Policy Optimization, chain. Guo et al. 2025, arXiv:2505.23564."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import By, Slider
from explorer.types import Credit, PerSample, PerToken, SampleOfToken, SegmentOfToken


def spo_chain(
    rewards: PerSample,
    mc_values: PerToken,
    logprobs: PerToken,
    segment: Annotated[SegmentOfToken, By("cutpoint")],
    sample: SampleOfToken,
    *,
    rho: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.9,
    mask: bool = True,
    whiten: bool = False,
) -> Credit:
    """Value where the next segment starts, minus value where this one does, if there was a choice.

        A_t = M_t (V(s_{t_{k+1}}) - V(s_{t_k})),   t in segment k
        M_t = 1{pi_old(y_t | s_t) < rho}

    `mc_values` holds the mean reward of continuations from the state before a token; it is read at
    segment starts only. After the last segment comes the sample's own reward. A start that was not
    measured (NaN) takes the value of the next one, so its segment gets 0: as in the authors' code,
    which measures none before the first cutpoint. Unbiased if the values are exact and masked
    tokens were no choice. The aggregation that goes with it is probability_mask.

    Args:
        rho: threshold of the cutpoints and of the mask, which are one number in the paper; small
            ones leave only surprises.
        mask: off credits every token of a segment; in the paper's ablation that learns less.
        whiten: on shifts and scales to mean 0 and spread 1 over the batch's unmasked tokens, as the
            authors' code does and the paper does not say; it can turn signs.
    """
    measured = peers.starts(segment) & ~mc_values.isnan()
    target = peers.upcoming(mc_values, measured, sample, rewards)
    baseline = peers.first(mc_values.where(measured, target), segment)
    choice = logprobs.exp() < rho if mask else torch.ones_like(measured)
    weight = choice.to(target.dtype)
    if not whiten:
        return Credit(target=target, baseline=baseline, weight=weight)
    shift, unit = peers.whitening((target - baseline).masked_select(choice))
    baseline, scale = baseline + shift.where(choice, 0.0), unit.where(choice, 1.0)
    return Credit(target=target, baseline=baseline, scale=scale, weight=weight)
