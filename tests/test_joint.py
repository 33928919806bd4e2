"""ZIP-RC's predictor: group.md section 11."""

import tiny
import torch
from torch.testing import assert_close

from explorer.joint import LENGTHS, REWARDS, ZipRC, expected
from explorer.metrics import row
from explorer.predictors import predictors
from explorer.types import Rollouts

TWO = Rollouts.from_lists(
    tokens=[[5, 6, 7, 8, 9], [5]],
    rewards=[-1.0, 0.5],
    group=[0, 0],
    prompt_tokens=[[1]],
    old_logprobs=[[0.0] * 5, [0.0]],
    entropy=[[0.0] * 5, [0.0]],
)


def settled() -> ZipRC:
    """Reward values -1, -0.75 ... 0.5; length bins that begin at 0, 1, 2, 4 ... 64."""
    found = ZipRC(tiny.WORDS, 128)
    found.settle(TWO)
    return found


def test_example():
    joint = torch.tensor([[[0.05, 0.10, 0.15], [0.20, 0.30, 0.20]]])
    assert_close(expected(joint, torch.tensor([0.0, 1.0])), torch.tensor([0.7]))


def test_labels_by_hand():
    labels = settled().labels(TWO)
    assert_close(labels.sum((1, 2)), torch.ones(6))
    # 4, 3, 2, 1 and 0 tokens follow, all with the least reward; 0 with the largest
    assert [int(at) for at in labels.flatten(1).argmax(1)] == [3, 2, 2, 1, 0, 6 * LENGTHS]


def test_a_reward_between_two_values_is_shared():
    joint = settled()
    between = Rollouts.from_lists(tokens=[[1], [1]], rewards=[-0.1875, 9.0], group=[0, 0])
    labels = joint.labels(between)[:, :, 0]
    assert_close(labels[0, 3:5], torch.tensor([0.75, 0.25]))
    values = torch.linspace(-1, 0.5, REWARDS)
    assert_close(labels @ values, torch.tensor([-0.1875, 0.5]))  # outside counts as the nearest


def test_a_new_one_says_0_and_then_the_mean():
    joint = ZipRC(tiny.WORDS, 128)
    assert not joint.values(TWO).any()
    joint.settle(TWO)
    assert_close(joint.values(TWO), torch.full((6,), -0.75), atol=0.03, rtol=0)


def test_equal_rewards_are_a_range_too():
    same = Rollouts.from_lists(tokens=[[1], [1]], rewards=[1.0, 1.0], group=[0, 0])
    joint = ZipRC(tiny.WORDS, 8)
    joint.settle(same)
    assert joint.labels(same).isfinite().all()


def test_it_learns_reward_and_length():
    policy = tiny.policy()
    rollouts = tiny.rollouts(policy, groups=8, samples=4)
    made = predictors({"zip_values"}, policy, lr=1e-2, limit=8, seed=0)
    joint = made.readers["zip_values"]
    assert isinstance(joint, ZipRC)
    made.learn(rollouts)
    before = joint.loss(rollouts).mean()
    for _ in range(15):
        made.learn(rollouts)
    assert joint.loss(rollouts).mean() < 0.7 * before
    assert_close(joint.distribution(rollouts).sum((1, 2)), torch.ones(len(rollouts.tokens)))
    valued = made.fill(policy, rollouts, micro=1000).zip_values
    like = Rollouts(**{**vars(rollouts), "values": valued})
    assert row(like, torch.zeros(len(rollouts.tokens)))["explained"] > 0.2
