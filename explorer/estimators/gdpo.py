"""Group reward-Decoupled normalization. Liu et al. 2026, arXiv:2601.05242."""

from typing import Annotated, Literal

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSamplePart, SampleOfToken


def gdpo(
    reward_parts: PerSamplePart,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    over: Literal["tokens", "completions"] = "tokens",
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """GRPO for each reward by itself, summed, then whitened over the batch.

        z_i = sum_k (r_{i,k} - mean(r_k)) / (std(r_k) + eps);    A_{i,t} = (z_i - mean(z)) / std(z)

    So that two completions with the same total, earned by different rewards, are told apart. The
    target is z, in units of the groups' spreads. All rewards weigh the same. A group of one gives
    0, though verl whitens it too.

    Args:
        over: what the batch's mean and spread are taken over: tokens (verl, long completions weigh
            more) or completions (TRL).
        eps: added to the spread of each reward; large ones mute rewards that hardly differ.
    """
    normalised = [
        (part - peers.mean(part, group)) / peers.unit(part, group, eps)
        for part in reward_parts.unbind(1)
    ]
    z = torch.stack(normalised).sum(0)
    center, unit = peers.whitening(peers.at(z, sample) if over == "tokens" else z)
    others = (peers.count(group, z) > 1).to(z.dtype)
    return Credit(
        target=peers.at(z, sample),
        baseline=center.expand_as(sample),
        scale=unit.expand_as(sample),
        weight=peers.at(others, sample),
    )
