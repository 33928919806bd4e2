"""What a trainer logged."""

from example import near

from explorer import catalog
from explorer.estimators.logged import logged
from explorer.types import Rollouts


def test_it_is_shown_as_it_is_and_gaps_are_zero():
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2], [3]], rewards=[1, 0], group=[0, 0], logged_advantages=[[0.5, None], [-2]]
    )
    near(catalog.run(logged, rollouts).advantage, [0.5, 0, -2], atol=0)
