"""Example 4.2, on the tree of nine leaves of SPO's figure 2b."""

import dataclasses

import pytest
import torch
from trees import FIGURE_2B, of_nodes

from explorer import catalog
from explorer.estimators.tree_rl import tree_rl


def advantage(rollouts=FIGURE_2B, **settings) -> list[float]:
    return of_nodes(catalog.run(tree_rl, rollouts, **settings).advantage, rollouts)


def test_global_plus_local():
    a = advantage(down_weight=False)
    assert a[1:4] == pytest.approx([0.222222, 0.888889, -1.111111], abs=1e-6)
    assert a[4] == pytest.approx(0.777778, abs=1e-6)


def test_shared_segments_weigh_less():
    a = advantage()
    assert a[1:4] == pytest.approx([0.1283, 0.5132, -0.6415], abs=1e-4)
    assert a[4] == pytest.approx(0.777778, abs=1e-6)


def test_leave_one_out_is_a_factor():
    expected = [1.125 * a for a in advantage()]
    assert advantage(leave_one_out=True) == pytest.approx(expected)


def test_leaves_weigh_the_same_wherever_they_are():
    # Node 2 is a leaf with reward 1: 3 of 7 leaves are right.
    parent = FIGURE_2B.parent.clone()
    parent[7:10] = -1
    rewards = FIGURE_2B.node_rewards.clone()
    rewards[2], rewards[7:10] = 1, torch.nan
    early = dataclasses.replace(FIGURE_2B, parent=parent, node_rewards=rewards)
    baseline = of_nodes(catalog.run(tree_rl, early).baseline, early)
    assert baseline[1] == pytest.approx(3 / 7)
