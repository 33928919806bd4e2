"""RAE: group.md section 13."""

from example import near

from explorer import catalog
from explorer.estimators.rae import rae
from explorer.types import Rollouts


def test_against_what_the_past_lets_expect():
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2], [3], [4]], rewards=[1, 0, 1], group=[0, 0, 1], anchor=[0.25, 0.25, 0.25]
    )
    credit = catalog.run(rae, rollouts)
    near(credit.advantage, [0.75, 0.75, -0.25, 0.75], atol=0)
    near(credit.baseline, [0.25] * 4, atol=0)
