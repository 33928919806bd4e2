"""Example 3.4, figure 2b of the paper: grandchildren (1,0,1), (1,1,1), (0,0,0)."""

import dataclasses

import pytest
import torch
import world
from torch.testing import assert_close
from trees import FIGURE_2B, of_nodes

from explorer import catalog
from explorer.estimators.dr_grpo import dr_grpo
from explorer.estimators.spo_tree import spo_tree


def advantage(rollouts=FIGURE_2B, **settings) -> list[float]:
    return of_nodes(catalog.run(spo_tree, rollouts, **settings).advantage, rollouts)


def test_children_and_grandchildren():
    a = advantage()
    assert a[1:4] == pytest.approx([1 / 9, 4 / 9, -5 / 9])
    assert a[4:7] == pytest.approx([1 / 3, -2 / 3, 1 / 3])
    assert a[7:] == [0] * 6


def test_in_units_of_the_siblings_spread():
    a = advantage(divide_by_std=True)
    assert a[1:4] == pytest.approx([0.267261, 1.069045, -1.336306], abs=1e-6)
    assert a[4:7] == pytest.approx([0.707107, -1.414214, 0.707107], abs=1e-6)


def test_a_child_that_stopped_early_counts_as_much_as_a_subtree():
    # Node 2 is a leaf with reward 1; its children are roots of nothing.
    parent = FIGURE_2B.parent.clone()
    parent[7:10] = -1
    rewards = FIGURE_2B.node_rewards.clone()
    rewards[2], rewards[7:10] = 1, torch.nan
    early = dataclasses.replace(FIGURE_2B, parent=parent, node_rewards=rewards)
    credit = catalog.run(spo_tree, early)
    assert of_nodes(credit.baseline, early)[1] == pytest.approx(5 / 9)


def test_a_leaf_without_a_reward_is_left_out():
    rewards = FIGURE_2B.node_rewards.clone()
    rewards[[5, 10, 11, 12]] = torch.nan
    a = advantage(dataclasses.replace(FIGURE_2B, node_rewards=rewards))
    assert a == [0] * 13


def test_what_several_completions_share_is_credited_once():
    credit = catalog.run(spo_tree, FIGURE_2B)
    assert not credit.advantage[~FIGURE_2B.mask].any()
    assert int(FIGURE_2B.mask.sum()) == 12


def test_tokens_that_were_no_choice_get_nothing():
    sure = dataclasses.replace(FIGURE_2B, logprobs=torch.full_like(FIGURE_2B.logprobs, -0.01))
    assert advantage(sure) == [0] * 13
    assert advantage(sure, mask=False) == advantage()


def test_a_tree_of_one_level_is_dr_grpo():
    for _, _, rollouts in world.batches(2):
        a = catalog.run(spo_tree, rollouts).advantage
        assert_close(a, catalog.run(dr_grpo, rollouts).advantage)
