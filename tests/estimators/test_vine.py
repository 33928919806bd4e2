"""Four steps of two tokens, values 1/3, 2/3, 1/3, 1 and reward 1."""

import pytest
import torch

from explorer import catalog
from explorer.estimators.vine import vine
from explorer.types import Rollouts


def advantage(*values: float | None, **settings) -> list[float]:
    rollouts = Rollouts.from_lists(
        tokens=[[1] * 8],
        rewards=[1],
        group=[0],
        segment=[[t // 2 for t in range(8)]],
        mc_values=[[v for value in values for v in (value, 9)]],  # the 9s are not at a start
        dtype=torch.float64,
    )
    a = catalog.run(vine, rollouts, **settings).advantage.tolist()
    assert a[::2] == a[1::2]
    return a[::2]


def test_steps():
    assert advantage(1 / 3, 2 / 3, 1 / 3, 1) == pytest.approx([1 / 3, -1 / 3, 2 / 3, 0])


def test_steps_that_are_not_valued_get_nothing():
    expected = pytest.approx([1 / 3, 1 / 3, 0, 0])
    assert advantage(1 / 3, 2 / 3, None, None) == expected
    assert advantage(1 / 3, 2 / 3, 1 / 3, 1, max_steps=2) == expected


def test_a_hole_between_values_goes_to_the_step_before():
    assert advantage(0.25, None, 0.75, 1) == [0.5, 0, 0.25, 0]
