"""RLOO: group.md example E1."""

from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.rloo import rloo
from explorer.types import Rollouts


def test_e1():
    near(catalog.run(rloo, E1).advantage, of_samples(2 / 3, -2 / 3, -2 / 3, 2 / 3))


def test_each_sample_is_compared_with_the_others():
    # 1 - (0.5 + 0)/2, 0.5 - (1 + 0)/2, 0 - (1 + 0.5)/2
    rollouts = Rollouts.from_lists(tokens=[[1]] * 3, rewards=[1, 0.5, 0], group=[0] * 3)
    near(catalog.run(rloo, rollouts).advantage, [0.75, 0.0, -0.75], atol=0)
