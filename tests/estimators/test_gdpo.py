"""GDPO: group.md section 13."""

import dataclasses

import torch
from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.gdpo import gdpo
from explorer.estimators.grpo import grpo

PARTS = torch.tensor([[1, 0], [0, 1], [0, 1], [1, 1]], dtype=torch.float64)
TWO = dataclasses.replace(E1, reward_parts=PARTS, rewards=PARTS.sum(1))


def test_it_tells_apart_what_the_sum_does_not():
    expected = of_samples(-0.80378, -0.47562, -0.47562, 1.64564)
    near(catalog.run(gdpo, TWO).advantage, expected)
    near(catalog.run(grpo, TWO).advantage, of_samples(-0.5, -0.5, -0.5, 1.5))


def test_over_completions():
    # +-.86603 for the first reward, -1.5 and .5 for the second; mean 0, spread .91940
    expected = of_samples(-0.68955, -0.39811, -0.39811, 1.48578)
    near(catalog.run(gdpo, TWO, over="completions").advantage, expected)
