"""GAE: group.md section 1.13, segment.md section 2.4, and its bias under a wrong critic."""

import dataclasses

import pytest
import torch
import world
from torch.testing import assert_close

from explorer import catalog
from explorer.estimators.gae import gae
from explorer.types import Rollouts

TOOL = Rollouts.from_lists(  # slot 2 is an observation
    tokens=[[1, 2, 3, 4]],
    rewards=[1],
    group=[0],
    mask=[[True, True, False, True]],
    values=[[0.2, 0.4, 0.6, 0.8]],
    dtype=torch.float64,
)
EIGHT = Rollouts.from_lists(
    tokens=[list(range(8))],
    rewards=[1],
    group=[0],
    values=[[0.5, 0.55, 0.4, 0.6, 0.62, 0.3, 0.7, 0.9]],
    dtype=torch.float64,
)


def _near(actual, expected, atol=1e-6):
    assert_close(actual, torch.tensor(expected, dtype=torch.float64), atol=atol, rtol=0)


def test_by_hand():
    # deltas 3/4 - 1/2, 1/4 - 3/4, 1 - 1/4; then A_t = delta_t + A_{t+1}/2
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2, 3]], rewards=[1], group=[0], values=[[0.5, 0.75, 0.25]]
    )
    credit = catalog.run(gae, rollouts, lam=0.5)
    assert_close(credit.advantage, torch.tensor([0.1875, -0.125, 0.75]))
    assert_close(credit.target, torch.tensor([0.6875, 0.625, 1.0]))


def test_across_tool_output():
    _near(catalog.run(gae, TOOL, lam=1.0).advantage, [0.8, 0.6, 0.0, 0.2])
    _near(catalog.run(gae, TOOL, lam=0.95).advantage, [0.7605, 0.59, 0.0, 0.2])
    _near(catalog.run(gae, TOOL, lam=0.95).target, [0.9605, 0.99, 0.0, 1.0])


def test_eight_tokens():
    expected = [0.023906, -0.052188, 0.195625, -0.00875, -0.0575, 0.525, 0.25, 0.1]
    _near(catalog.run(gae, EIGHT, lam=0.5).advantage, expected)
    _near(catalog.run(gae, EIGHT, lam=1.0).advantage, [0.5, 0.45, 0.6, 0.4, 0.38, 0.7, 0.3, 0.1])


def test_whitened():
    # verl whitens .7605, .59, .2 over the sampled tokens
    expected = [0.84806, 0.25465, 0.0, -1.1027]
    _near(catalog.run(gae, TOOL, lam=0.95, whiten=True).advantage, expected, atol=1e-5)


def test_gamma_discounts_what_lies_ahead():
    # deltas 1/2 * 1/4 - 1/2 and 1 - 1/4; A_0 = -3/8 + 1/2 * 3/4
    rollouts = Rollouts.from_lists(tokens=[[1, 2]], rewards=[1], group=[0], values=[[0.5, 0.25]])
    assert_close(
        catalog.run(gae, rollouts, gamma=0.5, lam=1.0).advantage, torch.tensor([0.0, 0.75])
    )


def test_a_wrong_critic_biases_every_lambda_but_one(monkeypatch):
    wrong = [
        (chance, answers, dataclasses.replace(batch, values=batch.values**2 - 0.3))
        for chance, answers, batch in world.batches(3)
    ]
    monkeypatch.setattr(world, "batches", lambda samples: wrong)
    assert world.verdict(gae, lam=1.0) == "yes"
    assert world.verdict(gae, lam=0.95).startswith("no")


def test_long_samples_trust_the_reward_more():
    # alpha 1/2: 4 tokens have lam 1 - 1/2, 2 tokens 0
    values = [[0.5, 0.75, 0.25, 0.5], [0.5, 0.25]]
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2, 3, 4], [5, 6]], rewards=[1, 1], group=[0, 0], values=values
    )
    adapted = catalog.run(gae, rollouts, alpha=0.5).advantage
    assert_close(adapted[:4], catalog.run(gae, rollouts, lam=0.5).advantage[:4])
    assert_close(adapted[4:], catalog.run(gae, rollouts, lam=0.0).advantage[4:])


@pytest.mark.parametrize(("length", "lam"), [(200, 0.9), (1000, 0.98), (8192, 0.99755859375)])
def test_the_lambda_of_vapo(length, lam):
    dice = torch.Generator().manual_seed(0)
    values = torch.rand(length, generator=dice, dtype=torch.float64).tolist()
    rollouts = Rollouts.from_lists(
        tokens=[[1] * length], rewards=[1], group=[0], values=[values], dtype=torch.float64
    )
    adapted, fixed = (catalog.run(gae, rollouts, **how) for how in ({"alpha": 0.05}, {"lam": lam}))
    assert_close(adapted.advantage, fixed.advantage, atol=1e-9, rtol=1e-9)
