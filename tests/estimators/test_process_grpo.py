"""Process supervision: group.md section 1.3 and segment.md example M."""

import dataclasses

import torch
from example import E1, near

from explorer import catalog
from explorer.estimators.process_grpo import process_grpo
from explorer.types import Rollouts

STEPS = Rollouts.from_lists(  # steps end at tokens 1; 1, 2; 1, 3; 0, 2
    tokens=[[5, 7], [5, 8, 6], [5, 8, 7, 6], [5, 7, 9]],
    rewards=[1, 0, 0, 1],
    group=[0] * 4,
    segment=[[0, 0], [0, 0, 1], [0, 0, 1, 1], [0, 1, 1]],
    segment_rewards=[[[0.9]], [[0.5], [0.1]], [[0.6], [0.2]], [[0.7], [0.8]]],
    dtype=torch.float64,
)
M = Rollouts.from_lists(  # one token a sentence
    tokens=[[1, 2], [1], [1, 2, 3], [1, 2]],
    rewards=[1, 0, 0, 1],
    group=[0] * 4,
    segment=[[0, 1], [0], [0, 1, 2], [0, 1]],
    segment_rewards=[[[1], [0.95]], [[0.25]], [[0.9], [0.2], [0.1]], [[1], [0.35]]],
    dtype=torch.float64,
)


def test_steps_of_unequal_numbers():
    expected = [1.19363, 1.19363]
    expected += [-1.62334, -1.62334, -1.48011]
    expected += [-0.95491, -0.95491, -1.14589, -1.14589]
    expected += [1.38462, 0.85942, 0.85942]
    near(catalog.run(process_grpo, STEPS).advantage, expected)


def test_sentences():
    expected = [2.031359, 0.949078, -0.915777, -1.548495, -2.364369, -1.315388, 0.432913, -0.649369]
    a = catalog.run(process_grpo, M, unbiased_std=False, eps=1e-8).advantage
    near(a, expected, atol=1e-6)


def test_a_step_without_a_reward_is_no_step():
    # steps 1 and 0, mean 1/2, population spread 1/2; the NaN moves neither
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2], [1, 2]],
        rewards=[0, 0],
        group=[0, 0],
        segment=[[0, 1], [0, 1]],
        segment_rewards=[[[1], [None]], [[None], [0]]],
    )
    a = catalog.run(process_grpo, rollouts, unbiased_std=False, eps=0.0).advantage
    near(a, [1, 0, -1, -1])


def test_one_step_a_sample_is_grpo():
    whole = dataclasses.replace(
        E1, segment=E1.sample, segment_rewards=E1.rewards[:, None].expand(4, 3)
    )
    expected = catalog.run(catalog.load("estimators", "grpo"), E1).advantage
    near(catalog.run(process_grpo, whole).advantage, expected.tolist())
