"""The score table of a training step, made within a share of the run's time.

It covers as many of the first prompt groups as there is time for, and stands in `scores/` of the
run folder as long as the step's rollouts. Nothing that training computes depends on it.
"""

import time
from pathlib import Path

import torch

from explorer import ragged, scorefile
from explorer.budget import LEAST, Budget
from explorer.config import Config
from explorer.directions import Metric, adam_metric
from explorer.policy import Policy
from explorer.sketch import ScoreTable, operations, score_table
from explorer.tail import has_tail, tail_table
from explorer.types import Rollouts

WHOLE = 2e11  # operations, seconds on one core; a table that is dearer is one of the last layers


def keep(
    folder: Path,
    step: int,
    policy: Policy,
    rollouts: Rollouts,
    optimizer: torch.optim.Adam,
    config: Config,
    budget: Budget,
) -> None:
    """Write the table of a step whose rollouts stay, if the budget has room for one.

    The file says its `tier` (sketch or tail), how many prompt `groups` of the batch it covers, the
    `updates` that the policy had seen, and its `metric`.
    """
    adam = config.score_metric == "adam"
    if adam and not optimizer.state:  # before Adam's first step
        return
    metric = adam_metric(policy, optimizer) if adam else None
    tier = "sketch" if adam else tier_of(policy, rollouts, config.score_width)
    if budget.pace is None:
        _timed(budget, tier, policy, ragged.of_sample(rollouts, 0), config, metric)
    tokens = torch.bincount(rollouts.group[rollouts.sample]).tolist()
    if not (groups := budget.groups(tokens, time.perf_counter())):
        return
    part = ragged.select(rollouts, rollouts.group < groups)
    table = _timed(budget, tier, policy, part, config, metric)
    notes = {"groups": groups, "updates": step - 1, "seed": 0, "metric": config.score_metric}
    scorefile.write(scorefile.path_of(folder, step), table, tier=tier, **notes)


def tier_of(policy: Policy, rollouts: Rollouts, width: int) -> str:
    """Whole gradients where the smallest table of them is a matter of seconds, else the tail."""
    least = ragged.select(rollouts, rollouts.group < LEAST)
    dear = min(operations(policy, least, width)) > WHOLE
    return "tail" if dear and has_tail(policy) else "sketch"


def _timed(
    budget: Budget,
    tier: str,
    policy: Policy,
    rollouts: Rollouts,
    config: Config,
    metric: Metric | None,
) -> ScoreTable:
    began = time.perf_counter()
    shape = {"width": config.score_width, "temperature": config.temperature}
    if tier == "tail":
        table = tail_table(policy, rollouts, **shape)
    else:
        table = score_table(policy, rollouts, metric=metric, **shape)
    table = table.cpu()  # waits for the device, so that the time is the table's
    budget.book(time.perf_counter() - began, len(table))
    return table
