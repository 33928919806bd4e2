"""MaxRL: group.md section 13."""

from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.max_rl import max_rl
from explorer.types import Rollouts


def test_e1():
    near(catalog.run(max_rl, E1).advantage, of_samples(1, -1, -1, 1), atol=0)


def test_the_rarer_the_more():
    # one of four is right: (1 - 1/4) / (1/4) = 3
    rollouts = Rollouts.from_lists(tokens=[[1]] * 4, rewards=[1, 0, 0, 0], group=[0] * 4)
    near(catalog.run(max_rl, rollouts).advantage, [3, -1, -1, -1], atol=0)


def test_a_prompt_that_is_never_solved_gives_nothing():
    rollouts = Rollouts.from_lists(tokens=[[1]] * 4, rewards=[0, 0, -1, 0.5], group=[0, 0, 1, 1])
    assert not catalog.run(max_rl, rollouts).advantage.any()
