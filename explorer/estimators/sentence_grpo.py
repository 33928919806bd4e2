"""GRPO on sentences instead of outputs. Paul33333's blog, 2025-02-07; no paper, no experiments."""

from typing import Annotated

import torch
from torch import Tensor

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSegmentPart, SampleOfToken, SegmentOfToken


def sentence_grpo(
    segment_rewards: PerSegmentPart,
    segment: SegmentOfToken,
    sample: SampleOfToken,
    group: GroupOfSample,
    *,
    w_corr: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0)] = 0.6,
    w_logic: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0)] = 0.25,
    w_fmt: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0)] = 0.15,
    delta: Annotated[float, Slider(0.0, 0.1, 0.001, at_least=0.0)] = 1e-8,
) -> Credit:
    """Reward of the sentence, minus the group's mean, in units of the group's spread.

        r_{i,s} = w_corr R_corr + w_logic R_logic + w_fmt R_fmt,   the weights made to sum to 1
        mu      = 1/G sum_i 1/S_i sum_s r_{i,s}
        sigma^2 = 1/G sum_i 1/S_i sum_s (r_{i,s} - mu)^2
        A_{i,s} = (r_{i,s} - mu) / (sigma + delta)

    Every output counts the same in mu and sigma, however many sentences it has. A sentence gets no
    credit for those after it. A sentence without a reward (NaN) is left out and gets 0; an output
    without any is dropped, and one left alone in its group gets 0. The blog names no weights and no
    delta. Biased: mu sees the sentence itself, sigma depends on it, later rewards are not seen.

    Args:
        w_corr: weight of right results; 0 ignores them.
        w_logic: weight of following from what stood before; 0 ignores it.
        w_fmt: weight of form; 0 ignores it.
        delta: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.

    Raises:
        ValueError: segments without exactly three parts of reward; weights that are all 0.
    """
    if segment_rewards.shape[1] != 3:
        raise ValueError(
            "sentence_grpo weighs 3 parts of a sentence's reward (corr, logic, fmt), "
            f"got {segment_rewards.shape[1]}; use a task that rewards these"
        )
    if not (weights := w_corr + w_logic + w_fmt):
        raise ValueError("sentence_grpo got weights of 0 only; give one of the parts some weight")
    corr, logic, fmt = segment_rewards.unbind(1)
    reward = (w_corr * corr + w_logic * logic + w_fmt * fmt) / weights

    earned = peers.at(reward, segment)
    unrewarded = earned.isnan()
    here = peers.starts(segment) & ~unrewarded  # one token for each sentence
    r, i = earned[here], sample[here]
    mu = _mean_of_outputs(r, i, group)
    sigma = _mean_of_outputs((r - mu[i]) ** 2, i, group).sqrt()

    outputs = torch.zeros_like(group).index_fill_(0, i, 1)
    weight = (peers.total(outputs, group) > 1).to(r.dtype)
    return Credit(
        target=earned.masked_fill_(unrewarded, 0.0),
        baseline=peers.at(mu, sample).masked_fill_(unrewarded, 0.0),
        scale=peers.at((sigma + delta).where(sigma > 0, 1.0), sample),
        weight=peers.at(weight, sample),
        peers=peers.at(group.int(), sample).masked_fill_(unrewarded, -1),
    )


def _mean_of_outputs(x: Tensor, i: Tensor, group: GroupOfSample) -> Tensor:
    """Mean over a group's outputs of the mean over their sentences, 0 if none: [samples]."""
    of_output, has = x.new_zeros(len(group)), torch.zeros_like(group, dtype=torch.bool)
    of_output[i], has[i] = peers.mean(x, i), True
    result = x.new_zeros(len(group))
    result[has] = peers.mean(of_output[has], group[has])
    return result
