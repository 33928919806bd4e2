"""The advantage that estimators are compared with, from Monte-Carlo values, and its own noise."""

import dataclasses
from typing import Literal

import torch

from explorer import catalog
from explorer.catalog import NotMeasured
from explorer.estimators.true_advantage import true_advantage
from explorer.types import PerToken, Rollouts

Of = Literal["reward", "block"]


def reference(rollouts: Rollouts, of: Of = "reward") -> tuple[PerToken, PerToken]:
    """The advantage of each token and the variance of its Monte-Carlo error; NaN where unknown.

        A_t = V(next measured state) - V(last measured state, t's own included)
        Var = sem^2(next) + sem^2(last),     0 for the end of a completion

    The protocol of arXiv:2601.07320, sec. 5.3.2: the difference between the values at both ends of
    a segment goes to all of its tokens; after the last one comes the sample's own reward.

    Args:
        of: reward is the whole one; block is that of the token's own block, from
            `mc_block_values`: what blockwise estimators estimate. No block, no reference.

    Raises:
        NotMeasured: the values are missing.
    """
    if of == "reward":
        return _differences(rollouts)
    values, sem = rollouts.mc_block_values, rollouts.mc_block_sem
    if values is None or sem is None or rollouts.reward_parts is None or rollouts.block is None:
        raise NotMeasured(
            "the reference of each block reads 'mc_block_values', 'reward_parts' and 'block', "
            "which these rollouts lack; measure a task that has blocks with explorer.truth.measure"
        )
    found = torch.full((2, len(rollouts.tokens)), torch.nan, dtype=values.dtype)
    for k in range(values.shape[1]):
        own = dataclasses.replace(
            rollouts,
            mc_values=values[:, k],
            mc_sem=sem[:, k],
            rewards=rollouts.reward_parts[:, k],
        )
        found = torch.where(rollouts.block == k, torch.stack(_differences(own)), found)
    return found[0], found[1]


def _differences(rollouts: Rollouts) -> tuple[PerToken, PerToken]:
    value, sem = rollouts.mc_values, rollouts.mc_sem
    advantage = catalog.run(true_advantage, rollouts).advantage
    if value is None or sem is None:
        raise NotMeasured("the reference reads 'mc_sem' beside 'mc_values'; measure both")
    errors = dataclasses.replace(
        rollouts, mc_values=sem.square(), rewards=torch.zeros_like(rollouts.rewards)
    )
    variance = catalog.run(true_advantage, errors)
    measured = dataclasses.replace(
        rollouts,
        mc_values=torch.where(value.isnan(), value, 1.0),
        rewards=torch.zeros_like(rollouts.rewards),
    )
    # Before the first measured state the baseline is not known.
    known = (catalog.run(true_advantage, measured).baseline == 1) & rollouts.mask
    return (
        advantage.where(known, torch.nan),
        (variance.target + variance.baseline).where(known, torch.nan),
    )
