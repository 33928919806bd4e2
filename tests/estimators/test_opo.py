"""OPO: group.md section 1.8."""

from batches import batches
from example import E1, near, of_samples
from hypothesis import given

from explorer import catalog, peers
from explorer.estimators.opo import opo


def test_e1():
    # baseline (2 * 1 + 3 * 1) / 12
    near(catalog.run(opo, E1).advantage, of_samples(0.58333, -0.41667, -0.41667, 0.58333))


@given(rollouts=batches())
def test_a_group_sums_to_zero_over_its_tokens(rollouts):
    a = catalog.run(opo, rollouts).advantage
    sums = peers.total(a, rollouts.group[rollouts.sample])
    near(sums, [0.0] * len(sums), atol=1e-12)
