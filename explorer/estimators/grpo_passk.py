"""GRPO for pass@k, only a group's best counts (reconstruction). 2025, arXiv:2503.19595.

Written after verl's function; the paper was not read.
"""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def grpo_passk(
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    divide_by_std: bool = True,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """What the group's best sample adds to its second best; nothing for the others.

        A_i = (r_i - second best r) / (std(r) + eps) if r_i is the best, else 0

    With k samples that is how much their maximum would lose without this one. A tie for the best
    gives everybody 0: either could be missed. No advantage is negative. A group of one gives 0.

    Args:
        divide_by_std: on measures in units of the group's spread, off in rewards.
        eps: added to that spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    best = rewards == peers.extremes(rewards, group)[1]
    others = peers.extremes(rewards.masked_fill(best, -torch.inf), group)[1]
    alone = best & (peers.total(best.to(rewards.dtype), group) == 1) & others.isfinite()
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(others.where(alone, rewards), sample),
        scale=peers.at(peers.unit(rewards, group, eps), sample) if divide_by_std else 1.0,
        weight=peers.at(alone.to(rewards.dtype), sample),
    )
