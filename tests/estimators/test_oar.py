"""OAR: group.md section 3."""

import math

import pytest
from batches import batches
from example import near
from hypothesis import given

from explorer import catalog, peers
from explorer.estimators.oar import oar
from explorer.types import Rollouts


def _weight(*importance, **settings):
    rollouts = Rollouts.from_lists(
        tokens=[[1] * len(row) for row in importance],
        rewards=[0] * len(importance),
        group=[0] * len(importance),
        importance=importance,
    )
    return catalog.run(oar, rollouts, **settings).weight


def test_example():
    row = [0, 0.1, 0.5, 2, 0.02]
    near(_weight(row), [0.09046, 0.96788, 1.22795, 1.80914, 0.90457])
    near(_weight(row, keep_mass=False), [0.1, 1.06999, 1.35749, 2, 1])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([3, 3, 3], [1, 1, 1]),
        ([7], [1]),
        ([0] + [math.e - 1] * 5, [0.11765] + [1.17647] * 5),
        ([-5, 0], [1, 1]),  # below 0 there is no importance
    ],
)
def test_edges(row, expected):
    near(_weight(row), expected)


def test_samples_do_not_see_each_other():
    # the first release's tau leaked from one rollout to the next
    row = [0, 0.1, 0.5, 2, 0.02]
    near(_weight([1, 2, 9], row)[3:], _weight(row).tolist())


def test_what_was_not_measured_weighs_1():
    near(_weight([0, None, 0.1, 0.5, 2, 0.02, None])[[1, 6]], [1, 1], atol=0)
    near(_weight([0, None, 0.1, 0.5, 2, 0.02])[[0, 2]], [0.09046, 0.96788])


@given(rollouts=batches())
def test_the_mass_of_a_sample_is_that_of_grpo(rollouts):
    weight = catalog.run(oar, rollouts).weight[rollouts.mask]
    sample = rollouts.sample[rollouts.mask]
    near(peers.mean(weight, sample), [1.0] * len(sample), atol=1e-6)
    assert (weight > 0).all()
