"""GPG: group.md section 1.9."""

import pytest
from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.gpg import gpg
from explorer.types import Rollouts

TWO = Rollouts.from_lists(  # the second group says nothing
    tokens=[[1]] * 5, rewards=[1, 0, 1, 1, 1], group=[0, 0, 1, 1, 1]
)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 0.5),
        ({"counts": "rewards"}, 1.0),  # verl: alpha = 4 / 2
        ({"divide_by_std": True}, 0.86588),
    ],
)
def test_e1(settings, size):
    near(catalog.run(gpg, E1, **settings).advantage, of_samples(size, -size, -size, size))


def test_an_informative_group_makes_up_for_one_that_is_not():
    near(catalog.run(gpg, TWO).advantage, [1, -1, 0, 0, 0])
    # verl: alpha = 5 / 4
    near(catalog.run(gpg, TWO, counts="rewards").advantage, [0.625, -0.625, 0, 0, 0])


def test_without_an_informative_group_there_is_nothing():
    rollouts = Rollouts.from_lists(tokens=[[1]] * 2, rewards=[0, 0], group=[0, 0])
    for counts in ("groups", "rewards"):
        assert not catalog.run(gpg, rollouts, counts=counts).advantage.any()
