"""The confidence-shaped variant: group.md section 6."""

import dataclasses
import math

import torch
from batches import batches
from example import E1, near, of_samples
from hypothesis import given

from explorer import catalog, peers
from explorer.estimators.grpo import grpo
from explorer.estimators.icpo_style import icpo_style
from explorer.types import Rollouts


def test_by_hand():
    # odds of 3 to 1 between the scores: preferences 3/4 and 1/4, rewards 1 + 1/4 and -1/4
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2], [1]],
        rewards=[1, 0],
        group=[0, 0],
        logprobs=[[-math.log(3), -math.log(3)], [0]],
        dtype=torch.float64,
    )
    credit = catalog.run(icpo_style, rollouts, lam=1.0)
    near(credit.target, [1.25, 1.25, -0.25])
    near(credit.baseline, [0.5] * 3)


def test_equally_sure_is_grpo():
    same = dataclasses.replace(E1, logprobs=torch.full((12,), -1.0, dtype=torch.float64))
    near(catalog.run(icpo_style, same).advantage, of_samples(0.86602, -0.86602, -0.86602, 0.86602))


@given(rollouts=batches())
def test_the_shaping_moves_no_mean_and_no_verdict(rollouts):
    shaped = catalog.run(icpo_style, rollouts, lam=1.0)
    plain = catalog.run(grpo, rollouts)
    near(shaped.baseline, plain.baseline.tolist())
    assert ((shaped.target - plain.target).abs() < 0.5).all()


@given(rollouts=batches())
def test_pairs_are_compared_as_a_loop_would(rollouts):
    length = peers.count(rollouts.sample[rollouts.mask], rollouts.rewards)
    score = peers.total(rollouts.logprobs[rollouts.mask], rollouts.sample[rollouts.mask]) / length
    of_sample = score[peers.starts(rollouts.sample[rollouts.mask])]
    for i, g in enumerate(rollouts.group):
        others = [j for j in range(len(of_sample)) if rollouts.group[j] == g and j != i]
        wins = [(of_sample[j] - of_sample[i]).sigmoid() for j in others]
        bonus = sum(wins) / len(wins) - 0.5 if wins else 0.0
        mine = (rollouts.sample == i) & rollouts.mask
        target = catalog.run(icpo_style, rollouts, lam=1.0).target[mine]
        near(target, [float(rollouts.rewards[i] + bonus)] * len(target))
