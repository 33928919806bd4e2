"""Example 3.4: ten tokens, cutpoints at 1, 3, 5, 7, interval 2, values before tokens 1 and 5."""

import dataclasses

import pytest
import torch
from batches import batches
from hypothesis import given
from torch.testing import assert_close

from explorer import catalog
from explorer.estimators.spo_chain import spo_chain
from explorer.types import Rollouts

P = [0.95, 0.60, 0.99, 0.70, 0.92, 0.50, 0.97, 0.80, 0.91, 0.99]
V = [None, 2 / 3, None, None, None, 1 / 3, None, None, None, None]
ONE = Rollouts.from_lists(
    tokens=[[1] * 10],
    rewards=[1],
    group=[0],
    logprobs=[torch.tensor(P, dtype=torch.float64).log().tolist()],
    mc_values=[V],
    dtype=torch.float64,
)


def advantage(**settings) -> list[float]:
    return catalog.run(spo_chain, ONE, interval=2, **settings).advantage.tolist()


def test_segments():
    expected = [0] + [-1 / 3] * 4 + [2 / 3] * 5
    assert advantage(mask=False) == pytest.approx(expected)


def test_choices_only():
    expected = [0, -1 / 3, 0, -1 / 3, 0, 2 / 3, 0, 2 / 3, 0, 0]
    assert advantage() == pytest.approx(expected)


def test_whitened_over_the_choices():
    a = 0.866025
    expected = [0, -a, 0, -a, 0, a, 0, a, 0, 0]
    assert advantage(whiten=True) == pytest.approx(expected, abs=1e-6)


def test_one_threshold_for_the_cut_and_the_mask():
    # Only token 5 is below 0.55: one segment from it, and nothing else is a choice.
    assert advantage(rho=0.55) == pytest.approx([0, 0, 0, 0, 0, 2 / 3, 0, 0, 0, 0])


def test_no_cutpoint_no_signal():
    assert advantage(rho=0.4) == [0] * 10


def test_nothing_to_whiten():
    assert advantage(rho=0.4, whiten=True) == [0] * 10


@given(rollouts=batches())
def test_from_the_first_value_on_the_gains_of_a_sample_sum_to_its_reward(rollouts):
    every_token = torch.full_like(rollouts.mask, True)
    r = dataclasses.replace(rollouts, mask=every_token)
    a = catalog.run(spo_chain, r, mask=False, rho=1.0, interval=1).advantage
    total = torch.zeros_like(r.rewards).index_add(0, r.sample, a)
    first = torch.searchsorted(r.sample, torch.arange(len(r.rewards)))
    assert_close(total, r.rewards - r.mc_values[first])
