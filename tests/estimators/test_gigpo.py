"""GiGPO: group.md section 4: s0, s1, s0, s2 succeeds with 10, s0, s1, s3 fails."""

import dataclasses

import pytest
import torch
from example import near

from explorer import catalog
from explorer.estimators.dr_grpo import dr_grpo
from explorer.estimators.gigpo import gigpo
from explorer.types import Rollouts

TWO = Rollouts.from_lists(  # the first step of the second trajectory has two tokens
    tokens=[[1, 2, 3, 4], [1, 1, 2, 3]],
    rewards=[10, 0],
    group=[0, 0],
    segment=[[0, 1, 2, 3], [0, 0, 1, 2]],
    state=[[0, 1, 0, 2], [0, 1, 3]],
    dtype=torch.float64,
)
STEPS = [0, 1, 2, 3, 4, 6, 7]  # one token of each


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [7.54917, 9.5125, 8.47542, 5, -11.02458, -9.5125, -5]),
        (
            {"mean_over": "steps"},
            [6.83488, 8.79821, 7.76113, 4.28571, -11.73887, -10.22679, -5.71429],
        ),
        (
            {"mean_over": "steps", "divide_by_std": True},
            [1.28846, 1.50889, 1.46529, 0.80178, -2.21922, -1.77615, -1.06904],
        ),
    ],
)
def test_two_trajectories(settings, expected):
    a = catalog.run(gigpo, TWO, **settings).advantage
    near(a[STEPS], expected)
    near(a[4], float(a[5]))


def test_step_level_alone():
    bonus = catalog.run(gigpo, TWO).bonus[STEPS]
    near(bonus, [2.54917, 4.5125, 3.47542, 0, -6.02458, -4.5125, 0])


def test_states_that_never_repeat_are_dr_grpo():
    other = dataclasses.replace(TWO, state=torch.arange(7))
    near(catalog.run(gigpo, other).advantage, catalog.run(dr_grpo, other).advantage.tolist())


def test_the_same_state_of_another_prompt_is_another_state():
    alone = dataclasses.replace(TWO, group=torch.tensor([0, 1]))
    assert not catalog.run(gigpo, alone).advantage.any()
