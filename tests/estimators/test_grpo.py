"""GRPO: group.md example E1."""

import pytest
from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.grpo import grpo
from explorer.types import Rollouts


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
    near(catalog.run(grpo, E1, **settings).advantage, of_samples(size, -size, -size, size))


def test_equal_rewards_give_nothing_even_without_eps():
    rollouts = Rollouts.from_lists(tokens=[[1], [2], [3]], rewards=[0.1] * 3, group=[0] * 3)
    assert not catalog.run(grpo, rollouts, eps=0.0).advantage.any()


def test_rewards_in_other_units_give_the_same():
    # deviations 2, 0, -2 and 1/2, 0, -1/2, both one unit
    for rewards in ([5, 3, 1], [1, 0.5, 0]):
        rollouts = Rollouts.from_lists(tokens=[[1], [1], [1]], rewards=rewards, group=[0] * 3)
        near(catalog.run(grpo, rollouts, eps=0.0).advantage, [1, 0, -1])
