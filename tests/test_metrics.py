"""The row of a step, by hand."""

import math

import torch
from torch.testing import assert_close

from explorer import metrics
from explorer.types import Rollouts

ROLLOUTS = Rollouts.from_lists(
    tokens=[[1, 2], [3], [4], [5]],
    mask=[[True, True], [True], [True], [False]],
    rewards=[1, 0, 1, 1],
    group=[0, 0, 1, 1],
    finished=[True, True, True, False],
    correct=[True, False, True, True],
    confidence=[0.5, 0.5, 1.0, None],
    block_rewards=[[1, -0.25], [0, -0.25], [1, 0], [1, None]],
    entropy=[[0.5, 0.0], [1.0], [0.5], [9.0]],
)
ADVANTAGE = torch.tensor([0.5, 0.5, -0.5, 0.0, 0.0])


def test_by_hand():
    row = metrics.row(ROLLOUTS, ADVANTAGE, ("solution", "confidence"))
    assert row["reward"] == 0.75
    assert row["accuracy"] == 0.75
    assert row["length"] == 1.25
    assert row["finished"] == 0.75
    assert row["entropy"] == 0.5  # the last token was not sampled
    assert row["zero_groups"] == 0.5
    assert row["stated"] == 0.75
    assert_close(row["brier"], 0.5 / 3)  # (0.25 + 0.25 + 0) over three that state one
    assert row["reward/solution"] == 0.75
    assert_close(row["reward/confidence"], -0.5 / 3)


def test_what_was_not_measured_is_none():
    bare = Rollouts.from_lists(tokens=[[1]], rewards=[1], group=[0])
    row = metrics.row(bare, torch.zeros(1))
    assert [row[name] for name in ("accuracy", "entropy", "kl", "explained")] == [None] * 4
    assert "brier" not in row


def test_kl_is_k3():
    one = Rollouts.from_lists(
        tokens=[[1, 2]],
        rewards=[1],
        group=[0],
        old_logprobs=[[-1.0, -2.0]],
        ref_logprobs=[[-1.0, -1.0]],
    )
    assert_close(metrics.row(one, torch.zeros(2))["kl"], (math.e - 2) / 2)


def test_a_perfect_critic_explains_everything_and_a_constant_nothing():
    def explained(values):
        critic = Rollouts.from_lists(
            tokens=[[1], [2]], rewards=[1, 0], group=[0, 0], values=[[v] for v in values]
        )
        return metrics.row(critic, torch.zeros(2))["explained"]

    assert explained([1.0, 0.0]) == 1
    assert explained([0.5, 0.5]) == 0
    assert explained([0.0, 1.0]) == -3
