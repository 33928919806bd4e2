"""Reconstruction: GRPO on rewards shaped by confidence, after ICPO's idea, arXiv:2511.21005."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, PerToken, SampleOfToken


def icpo_style(
    rewards: PerSample,
    logprobs: PerToken,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    lam: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.1,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """GRPO on the reward plus a little for answers the policy was less sure of than of others.

        l_i = mean_t log pi(o_t);    p_i = mean over j != i of sigmoid(l_j - l_i)
        r'_i = r_i + lam (p_i - 1/2)

    Sure and wrong is punished more, unsure and right rewarded more. The paper's text and code were
    not to be had: pairs, score and mixing are ours. p is 1/2 on average, and below a lam of 1 no
    wrong answer (0) outranks a right one (1). Compares every pair of a group.

    Args:
        lam: 0 is GRPO, large ones reward surprise more than being right.
        eps: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    length = torch.bincount(sample, minlength=len(rewards)).clamp(min=1)
    score = torch.zeros_like(rewards).index_add_(0, sample, logprobs) / length
    one, other = _pairs(group)
    preferred = torch.zeros_like(rewards).index_add_(0, one, (score[other] - score[one]).sigmoid())
    # Every sample is paired with itself too, at sigmoid(0) = 1/2.
    others = peers.count(group, rewards) - 1
    preference = torch.where(others > 0, (preferred - 0.5) / others.clamp(min=1), 0.5)
    shaped = rewards + lam * (preference - 0.5)
    return Credit(
        target=peers.at(shaped, sample),
        baseline=peers.at(peers.mean(shaped, group), sample),
        scale=peers.at(peers.unit(shaped, group, eps), sample),
        peers=peers.at(group.int(), sample),
    )


def _pairs(group: GroupOfSample) -> tuple[torch.Tensor, torch.Tensor]:
    """Every ordered pair of samples of one group, each with itself included."""
    order = torch.argsort(group, stable=True)
    sizes = torch.bincount(group)
    first = (sizes.cumsum(0) - sizes)[group]
    mine = sizes[group]
    one = torch.arange(len(group), device=group.device).repeat_interleave(mine)
    return one, order[first[one] + peers.position(one)]
