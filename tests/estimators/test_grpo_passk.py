"""GRPO-passk: group.md section 13."""

from example import near

from explorer import catalog
from explorer.estimators.grpo_passk import grpo_passk
from explorer.types import Rollouts


def of_rewards(*rewards: float) -> Rollouts:
    return Rollouts.from_lists(
        tokens=[[1]] * len(rewards), rewards=rewards, group=[0] * len(rewards)
    )


def test_the_best_gets_what_it_adds():
    # (1 - 0.5) / std of (1, 0, 0, 0.5)
    near(catalog.run(grpo_passk, of_rewards(1, 0, 0, 0.5)).advantage, [1.04446, 0, 0, 0])


def test_in_rewards():
    credit = catalog.run(grpo_passk, of_rewards(0, 0.25, 1), divide_by_std=False)
    near(credit.advantage, [0, 0, 0.75], atol=0)
    near(credit.baseline, [0, 0.25, 0.25], atol=0)


def test_of_two_that_are_best_neither_is_needed():
    near(catalog.run(grpo_passk, of_rewards(1, 1, 0)).advantage, [0, 0, 0], atol=0)


def test_alone_it_adds_nothing_to_anybody():
    near(catalog.run(grpo_passk, of_rewards(1)).advantage, [0], atol=0)
