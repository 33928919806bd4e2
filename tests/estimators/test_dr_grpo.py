"""Dr. GRPO: group.md example E1."""

import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.estimators.dr_grpo import dr_grpo
from explorer.types import Rollouts


def test_e1():
    rollouts = Rollouts.from_lists(
        tokens=[[5, 7], [5, 8, 6], [5, 8, 7, 6], [5, 7, 9]], rewards=[1, 0, 0, 1], group=[0] * 4
    )
    expected = torch.tensor([0.5] * 2 + [-0.5] * 7 + [0.5] * 3)
    assert_close(catalog.run(dr_grpo, rollouts).advantage, expected)


def test_groups_are_compared_with_themselves():
    # means 0.75 and 0.25; the lone sample of group 2 gets nothing
    rollouts = Rollouts.from_lists(
        tokens=[[1], [1], [1], [1], [1]], rewards=[1, 0.5, 0.5, 0, 1], group=[0, 1, 0, 1, 2]
    )
    expected = torch.tensor([0.25, 0.25, -0.25, -0.25, 0.0])
    assert_close(catalog.run(dr_grpo, rollouts).advantage, expected)
