"""REINFORCE++-baseline: group.md section 1.6."""

from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.reinforce_pp_baseline import reinforce_pp_baseline
from explorer.types import Rollouts


def test_e1():
    expected = of_samples(1.13284, -0.80917, -0.80917, 1.13284)
    near(catalog.run(reinforce_pp_baseline, E1).advantage, expected)


def test_the_unit_is_the_batchs():
    # differences 1/2, -1/2, 1, -1: mean 0, squares 2.5 over n = 4
    rollouts = Rollouts.from_lists(tokens=[[1]] * 4, rewards=[1, 0, 2, 0], group=[0, 0, 1, 1])
    a = catalog.run(reinforce_pp_baseline, rollouts, unbiased_std=False, eps=0.0).advantage
    near(a, [0.63246, -0.63246, 1.26491, -1.26491])
