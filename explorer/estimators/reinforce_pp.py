"""REINFORCE++: returns whitened over the batch. Hu et al. 2025, arXiv:2501.03262."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, PerSample, SampleOfToken


def reinforce_pp(
    rewards: PerSample,
    sample: SampleOfToken,
    *,
    gamma: Annotated[float, Slider(0.9, 1.0, 0.005, at_least=0.0, at_most=1.0)] = 1.0,
    unbiased_std: bool = True,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-8,
) -> Credit:
    """Discounted return, whitened over all tokens of the batch, prompts mixed.

        G_t = gamma G_{t+1},  G at the last token = r;    A_t = (G_t - mean(G)) / sqrt(var(G) + eps)

    As in verl, without the KL penalty inside the reward. Mean and variance are over tokens, so long
    completions dominate them. Prompts are not compared with themselves: an easy prompt is pushed
    up as a whole. Biased: the batch's mean and spread depend on the sample.

    Args:
        gamma: 1 gives every token the reward, lower ones less to tokens far before the end.
        unbiased_std: on divides the squares by n - 1 (verl), off by n (OpenRLHF).
        eps: added to the variance; 0 trusts even the smallest spread.
    """
    paid = torch.where(peers.ends(sample), peers.at(rewards, sample), 0.0)
    returns = peers.tail(paid, gamma, sample)
    center, unit = peers.whitening(returns, eps, ddof=int(unbiased_std))
    return Credit(target=returns, baseline=center.expand_as(returns), scale=unit.expand_as(returns))
