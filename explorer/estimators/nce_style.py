"""Advantages of a noise contrastive objective (reconstruction). After ReNCE 2026, arXiv:2601.22432.

Neither the paper's body nor its code could be read; see the objective `nce`, whose first step this
is.
"""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def nce_style(
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    threshold: Annotated[float, Slider(-1.0, 1.0, 0.05)] = 0.0,
) -> Credit:
    """Right or wrong, minus the group's share of right, weighted by how hard the contrast is.

        A_right = N / ((1 + N) P),   A_wrong = -1 / (1 + N)

    with P right and N wrong completions in the group: minus the gradient of -(1/P) sum log q_p by
    the scores s, at s = 0, where q_p = 1 / (1 + N). Both are G / ((1 + N) P) times the label minus
    its mean P / G. So a lone right completion gets almost 1, one among many little. A group without
    right or without wrong completions gets 0.

    Args:
        threshold: a completion is right if its reward exceeds this.
    """
    right = (rewards > threshold).to(rewards.dtype)
    n, rights = peers.count(group, right), peers.total(right, group)
    weight = n / ((1 + n - rights) * rights.clamp(min=1))
    return Credit(
        target=peers.at(right, sample),
        baseline=peers.at(peers.mean(right, group), sample),
        weight=peers.at(weight, sample),
        peers=peers.at(group.int(), sample),
    )
