"""RLOO: group.md example E1."""

import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.estimators.rloo import rloo
from explorer.types import Rollouts


def test_e1():
    rollouts = Rollouts.from_lists(
        tokens=[[5, 7], [5, 8, 6], [5, 8, 7, 6], [5, 7, 9]], rewards=[1, 0, 0, 1], group=[0] * 4
    )
    expected = torch.tensor([2 / 3] * 2 + [-2 / 3] * 7 + [2 / 3] * 3)
    assert_close(catalog.run(rloo, rollouts).advantage, expected)


def test_each_sample_is_compared_with_the_others():
    # 1 - (0.5 + 0)/2, 0.5 - (1 + 0)/2, 0 - (1 + 0.5)/2
    rollouts = Rollouts.from_lists(tokens=[[1]] * 3, rewards=[1, 0.5, 0], group=[0] * 3)
    assert_close(catalog.run(rloo, rollouts).advantage, torch.tensor([0.75, 0.0, -0.75]))
