"""GRPO: group.md example E1."""

import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.estimators.grpo import grpo
from explorer.types import Rollouts

E1 = Rollouts.from_lists(
    tokens=[[5, 7], [5, 8, 6], [5, 8, 7, 6], [5, 7, 9]],
    rewards=[1, 0, 0, 1],
    group=[0, 0, 0, 0],
    dtype=torch.float64,
)


def test_e1():
    a = catalog.run(grpo, E1).advantage
    assert_close(a[:2], torch.tensor([0.86602, 0.86602], dtype=torch.float64), atol=1e-5, rtol=0)
    assert_close(a[2:9], torch.full((7,), -0.86602, dtype=torch.float64), atol=1e-5, rtol=0)


def test_equal_rewards_give_nothing():
    rollouts = Rollouts.from_lists(tokens=[[1], [2], [3]], rewards=[0.1] * 3, group=[0] * 3)
    assert not catalog.run(grpo, rollouts).advantage.any()
