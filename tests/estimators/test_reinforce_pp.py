"""REINFORCE++: group.md section 1.6."""

from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.reinforce_pp import reinforce_pp
from explorer.types import Rollouts


def test_e1():
    expected = of_samples(1.13284, -0.80917, -0.80917, 1.13284)
    near(catalog.run(reinforce_pp, E1).advantage, expected)


def test_e1_with_the_spread_of_openrlhf():
    a = catalog.run(reinforce_pp, E1, unbiased_std=False).advantage
    near(a, of_samples(1.18322, -0.84515, -0.84515, 1.18322))


def test_e1_discounted():
    a = catalog.run(reinforce_pp, E1, gamma=0.9).advantage
    near(a[:2], [1.08092, 1.29047])
    near(a[5:9], [-0.80502] * 4)
    near(a.sum(), 0.0)


def test_tool_output_does_not_discount():
    # gamma 1/2 over the sampled tokens 0, 1, 3: returns 1/4, 1/2, 1
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2, 3, 4]], rewards=[1], group=[0], mask=[[True, True, False, True]]
    )
    near(catalog.run(reinforce_pp, rollouts, gamma=0.5).target, [0.25, 0.5, 0.0, 1.0], atol=0)
    near(catalog.run(reinforce_pp, rollouts, gamma=0.9).target, [0.81, 0.9, 0.0, 1.0])


def test_a_single_token_gets_nothing():
    rollouts = Rollouts.from_lists(tokens=[[1]], rewards=[1], group=[0])
    assert not catalog.run(reinforce_pp, rollouts).advantage.any()
