"""Worked example 2.4: eight tokens, two of them improbable, lam 0.5."""

import pytest
import torch
from batches import batches
from hypothesis import given
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.estimators.sae import sae
from explorer.ragged import sampled_only
from explorer.types import Rollouts

PROBABILITY = torch.tensor([0.90, 0.95, 0.10, 0.85, 0.99, 0.15, 0.80, 0.97], dtype=torch.float64)
ONE = Rollouts.from_lists(
    tokens=[[1] * 8],
    rewards=[1],
    group=[0],
    logprobs=[PROBABILITY.log().tolist()],
    values=[[0.50, 0.55, 0.40, 0.60, 0.62, 0.30, 0.70, 0.90]],
    dtype=torch.float64,
)


def advantage(**settings) -> list[float]:
    return catalog.run(sae, ONE, lam=0.5, **settings).advantage.tolist()


def test_the_improbable_token_opens_a_segment():
    assert advantage() == pytest.approx([0.025, -0.025, 0.25, 0.05, 0.03, 0.70, 0.30, 0.10])


def test_the_improbable_token_closes_a_segment():
    assert advantage(side="end") == pytest.approx(
        [0.225, 0.175, 0.325, 0.25, 0.23, 0.55, 0.30, 0.10]
    )


def test_targets():
    target = catalog.run(sae, ONE, lam=0.5).target.tolist()
    assert target == pytest.approx([0.525, 0.525, 0.65, 0.65, 0.65, 1, 1, 1])


def test_correlation_with_the_values_at_segment_ends():
    """Monte-Carlo values 0.5, 0.3, 0.6, 1 at tokens 0, 2, 5 and the end; a toy, as all of 2.4."""
    reference = torch.tensor([-0.2, -0.2, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4], dtype=torch.float64)
    for settings, expected in (({}, 0.541957), ({"p": 1.0}, 0.521948), ({"p": 0.0}, -0.194933)):
        a = torch.tensor(advantage(**settings), dtype=torch.float64)
        pearson = torch.corrcoef(torch.stack([a, reference]))[0, 1].item()
        assert pearson == pytest.approx(expected, abs=1e-6)


def test_a_segment_a_token_is_gae():
    gae = [0.023906, -0.052188, 0.195625, -0.00875, -0.0575, 0.525, 0.25, 0.10]
    assert advantage(p=1.0) == pytest.approx(gae, abs=1e-6)


@given(rollouts=batches())
def test_one_segment_is_reward_minus_value(rollouts):
    a = catalog.run(sae, rollouts, segmenter="whole").advantage
    expected = rollouts.rewards[rollouts.sample] - rollouts.values
    assert_close(a, expected.where(rollouts.mask, 0.0))


@given(rollouts=batches())
def test_at_a_segment_start_it_is_gae_over_segments(rollouts):
    """Delta_k = V(next start) - V(this start), discounted by lam from segment to segment."""
    lam = 0.75
    r = sampled_only(rollouts)
    segment = catalog.run(catalog.load("segmenters", "low_probability"), r).cumsum(0) - 1
    a = catalog.run(sae, r, lam=lam).advantage
    starts = peers.starts(segment)
    value, owner = r.values[starts], r.sample[starts]
    ahead = torch.where(peers.ends(owner), r.rewards[owner], value.roll(-1))
    assert_close(a[starts], peers.tail(ahead - value, lam, owner))
