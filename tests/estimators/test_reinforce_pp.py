"""REINFORCE++: group.md section 1.6."""

import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.estimators.reinforce_pp import reinforce_pp
from explorer.types import Rollouts

E1 = Rollouts.from_lists(
    tokens=[[5, 7], [5, 8, 6], [5, 8, 7, 6], [5, 7, 9]],
    rewards=[1, 0, 0, 1],
    group=[0] * 4,
    dtype=torch.float64,
)


def _advantage(rollouts, **settings):
    return catalog.run(reinforce_pp, rollouts, **settings).advantage


def _near(actual, expected):
    assert_close(actual, torch.tensor(expected, dtype=torch.float64), atol=1e-5, rtol=0)


def test_e1():
    _near(_advantage(E1), [1.13284] * 2 + [-0.80917] * 7 + [1.13284] * 3)


def test_e1_with_the_spread_of_openrlhf():
    _near(_advantage(E1, unbiased_std=False)[[0, 2]], [1.18322, -0.84515])


def test_e1_discounted():
    _near(_advantage(E1, gamma=0.9)[[0, 1, 5, 6, 7, 8]], [1.08092, 1.29047] + [-0.80502] * 4)


def test_tool_output_does_not_discount():
    # gamma 1/2 over the sampled tokens 0, 1, 3: returns 1/4, 1/2, 1
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2, 3, 4]], rewards=[1], group=[0], mask=[[True, True, False, True]]
    )
    credit = catalog.run(reinforce_pp, rollouts, gamma=0.5)
    assert_close(credit.target, torch.tensor([0.25, 0.5, 0.0, 1.0]))


def test_the_batch_sums_to_zero_over_its_tokens():
    _near(_advantage(E1, gamma=0.9).sum(), 0.0)


def test_a_single_token_gets_nothing():
    rollouts = Rollouts.from_lists(tokens=[[1]], rewards=[1], group=[0])
    assert not _advantage(rollouts).any()
