"""The advantage from Monte-Carlo values."""

import world
from example import near

from explorer import catalog
from explorer.estimators.true_advantage import true_advantage
from explorer.types import Rollouts


def _advantage(values, rewards=(1,)):
    rollouts = Rollouts.from_lists(
        tokens=[[1] * len(row) for row in values],
        rewards=rewards,
        group=[0] * len(values),
        mc_values=values,
    )
    return catalog.run(true_advantage, rollouts).advantage


def test_value_after_minus_value_before():
    near(_advantage([[0.5, 0.75, 0.25]]), [0.25, -0.5, 0.75], atol=0)


def test_tokens_between_measured_positions_share_the_difference():
    # segment starts 0, 2, 5: gains -1/4, 1/2, 1/4, as between the ends of segments
    row = [0.5, None, 0.25, None, None, 0.75, None]
    near(_advantage([row]), [-0.25, -0.25, 0.5, 0.5, 0.5, 0.25, 0.25], atol=0)


def test_before_the_first_measured_position_nothing_is_known():
    near(_advantage([[None, 0.5], [None]], [1, 0]), [0, 0.5, 0], atol=0)


def test_in_the_exact_world_it_is_the_action_value_minus_the_state_value():
    # 1 when it stops at once, 0 or 0.25 or 0.5 later: every gain has mean 0 in its state
    for state in range(4):
        mean = 0.0
        for y, answer in enumerate(world.ANSWERS):
            rollouts = world.rollouts([y])
            gains = catalog.run(true_advantage, rollouts).advantage
            chance = float(rollouts.logprobs.sum().exp())
            mean += sum(chance * gains[t] for t, (s, _) in enumerate(answer) if s == state)
        near(mean, 0.0, atol=1e-12)
