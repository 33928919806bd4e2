"""RLCR: segment.md example A."""

import pytest
from example import near

from explorer import catalog
from explorer.estimators.rlcr import rlcr
from explorer.types import Rollouts

A = Rollouts.from_lists(  # blocks earn c and -(q - c)^2
    tokens=[[1], [1], [1], [1]],
    rewards=[0, 0, 0, 0],
    group=[0] * 4,
    block_rewards=[[1, -0.01], [1, -0.16], [1, -0.25], [0, -0.36]],
)


def test_example():
    near(catalog.run(rlcr, A).advantage, [0.435, 0.285, 0.195, -0.915], atol=1e-6)


def test_the_answer_alone():
    near(catalog.run(rlcr, A, calibration=0.0).advantage, [0.25, 0.25, 0.25, -0.75])


@pytest.mark.parametrize(("second", "expected"), [(-0.5, 0.25), (None, 0.5)])
def test_an_absent_block_earns_nothing(second, expected):
    rollouts = Rollouts.from_lists(
        tokens=[[1], [1]], rewards=[0, 0], group=[0, 0], block_rewards=[[1, second], [0, 0]]
    )
    near(catalog.run(rlcr, rollouts).advantage, [expected, -expected], atol=0)
