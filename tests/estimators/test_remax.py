"""ReMax: group.md section 1.7."""

import dataclasses

import torch
from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.remax import remax


def test_e1_with_a_greedy_reward_of_1():
    rollouts = dataclasses.replace(E1, greedy_reward=torch.ones(4, dtype=torch.float64))
    near(catalog.run(remax, rollouts).advantage, of_samples(0, -1, -1, 0), atol=0)
