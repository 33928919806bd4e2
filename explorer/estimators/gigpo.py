"""GiGPO: steps from the same state are compared. Feng et al. 2025, arXiv:2505.10978."""

from typing import Annotated, Literal

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import (
    Credit,
    GroupOfSample,
    PerSample,
    PerToken,
    SampleOfToken,
    SegmentOfToken,
    StateOfSegment,
)


def gigpo(
    rewards: PerSample,
    state: StateOfSegment,
    segment: SegmentOfToken,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    gamma: Annotated[float, Slider(0.5, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.95,
    omega: Annotated[float, Slider(0.0, 2.0, 0.1, at_least=0.0)] = 1.0,
    divide_by_std: bool = False,
    mean_over: Literal["trajectories", "steps"] = "trajectories",
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """Reward against the group, plus return against the steps taken from the same state.

        A = A_E + omega A_S,    A_E = (r - mean(r)) / F,    A_S = (R_k - mean over same state) / F

    R_k = gamma^(steps after k) r: the reward is paid at the last step. Same state: any step of any
    trajectory of the prompt, so a state seen twice in one trajectory is compared with itself. F is
    1 or the spread. A_S is the bonus; it is 0 for a state that occurs once. A group of one gives 0.

    Args:
        gamma: 1 counts steps near and far from the reward alike, lower ones favour short ways.
        omega: weight of the step level; 0 is GRPO.
        divide_by_std: on tells both levels in units of their spread.
        mean_over: trajectories (paper), or steps (the authors' code: long ones weigh more).
        eps: added to the spreads; 0 trusts even the smallest one.
    """
    begins = peers.starts(segment)
    step = begins.cumsum(0, dtype=torch.int32).sub_(1)
    returns = _returns(rewards, segment, sample, gamma).masked_select(begins)
    trajectory = sample.masked_select(begins)
    prompt, reward = peers.at(group, trajectory), peers.at(rewards, trajectory)
    mean = peers.at(peers.mean(rewards, group), trajectory)
    unit = peers.at(peers.unit(rewards, group, eps), trajectory)
    if mean_over == "steps":
        mean, unit = peers.mean(reward, prompt), peers.unit(reward, prompt, eps)
    anchor = peers.classes((prompt, state[segment.masked_select(begins)]))
    level = returns - peers.mean(returns, anchor)
    if divide_by_std:
        level = level / peers.unit(returns, anchor, eps)
    others = peers.at(peers.count(group, rewards) > 1, trajectory)
    return Credit(
        target=peers.at(reward, step),
        baseline=peers.at(mean, step),
        scale=peers.at(unit, step) if divide_by_std else 1.0,
        bonus=peers.at((omega * level).where(others, 0.0), step),
        peers=peers.at(prompt.int(), step) if mean_over == "trajectories" else None,
    )


def _returns(
    rewards: PerSample, segment: SegmentOfToken, sample: SampleOfToken, gamma: float
) -> PerToken:
    """R_k on every token of step k."""
    paid = torch.where(peers.ends(sample), peers.at(rewards, sample), 0.0)
    decay = torch.where(peers.ends(segment), gamma, paid.new_ones(()))
    return peers.tail(paid, decay, sample)
