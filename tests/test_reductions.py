"""Where one estimator is another in disguise."""

import dataclasses

import torch
from batches import batches
from hypothesis import given
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.types import Rollouts


def advantage(name: str, rollouts: Rollouts, **settings):
    return catalog.run(catalog.load("estimators", name), rollouts, **settings).advantage


@given(rollouts=batches())
def test_grpo_without_the_spread_is_dr_grpo(rollouts):
    assert_close(advantage("grpo", rollouts, divide_by_std=False), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_rloo_is_dr_grpo_stretched_by_the_group(rollouts):
    n = peers.count(rollouts.group, rollouts.rewards)[rollouts.sample]
    assert_close((n - 1) * advantage("rloo", rollouts), n * advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_gae_at_lambda_1_is_the_reward_minus_the_value(rollouts):
    expected = (rollouts.rewards[rollouts.sample] - rollouts.values) * rollouts.mask
    assert_close(advantage("gae", rollouts, lam=1.0), expected)


@given(rollouts=batches())
def test_gae_at_lambda_0_is_the_next_value_minus_this(rollouts):
    closed = advantage(
        "gae", dataclasses.replace(rollouts, mask=torch.ones_like(rollouts.mask)), lam=0.0
    )
    last = peers.ends(rollouts.sample)
    ahead = torch.where(last, rollouts.rewards[rollouts.sample], rollouts.values.roll(-1))
    assert_close(closed, ahead - rollouts.values)


@given(rollouts=batches())
def test_gae_with_the_group_mean_as_critic_is_dr_grpo_at_lambda_1(rollouts):
    mean = peers.mean(rollouts.rewards, rollouts.group)[rollouts.sample]
    critic = dataclasses.replace(rollouts, values=mean)
    assert_close(advantage("gae", critic, lam=1.0), advantage("dr_grpo", rollouts))
