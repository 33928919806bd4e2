"""ZIP-RC as a baseline: group.md section 11."""

from batches import batches
from example import near
from hypothesis import given

from explorer import catalog, peers
from explorer.estimators.zip_rc import zip_rc
from explorer.types import Rollouts

THREE = Rollouts.from_lists(
    tokens=[[1, 2, 3]], rewards=[1], group=[0], zip_values=[[0.5, 0.75, 0.25]]
)


def test_by_hand():
    near(catalog.run(zip_rc, THREE).advantage, [0.5, 0.25, 0.75], atol=0)
    near(catalog.run(zip_rc, THREE, form="gain").advantage, [0.25, -0.5, 0.75], atol=0)


@given(rollouts=batches())
def test_gains_add_up_to_what_was_not_expected_at_first(rollouts):
    gains = peers.total(catalog.run(zip_rc, rollouts, form="gain").advantage, rollouts.sample)
    first = peers.starts(rollouts.sample)  # the strategy samples it
    near(gains[first], catalog.run(zip_rc, rollouts).advantage[first].tolist())
