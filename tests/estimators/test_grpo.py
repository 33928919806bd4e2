"""GRPO: group.md example E1."""

import pytest
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


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 0.86602),  # verl: 0.5 / (sqrt(1/3) + 1e-6)
        ({"eps": 1e-4}, 0.86588),  # TRL
        ({"unbiased_std": False}, 1.0),
        ({"divide_by_std": False}, 0.5),
    ],
)
def test_e1(settings, size):
    a = catalog.run(grpo, E1, **settings).advantage
    expected = torch.tensor([size] * 2 + [-size] * 7 + [size] * 3, dtype=torch.float64)
    assert_close(a, expected, atol=1e-5, rtol=0)


def test_equal_rewards_give_nothing_even_without_eps():
    rollouts = Rollouts.from_lists(tokens=[[1], [2], [3]], rewards=[0.1] * 3, group=[0] * 3)
    assert not catalog.run(grpo, rollouts, eps=0.0).advantage.any()


def test_a_reward_in_other_units_is_the_same_advantage():
    other = Rollouts.from_lists(
        tokens=[[1], [1], [1]], rewards=[5, 3, 1], group=[0] * 3, dtype=torch.float64
    )
    same = Rollouts.from_lists(
        tokens=[[1], [1], [1]], rewards=[1, 0.5, 0], group=[0] * 3, dtype=torch.float64
    )
    a, b = (catalog.run(grpo, x, eps=0.0).advantage for x in (other, same))
    assert_close(a, b)
