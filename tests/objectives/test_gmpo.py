import math

import pytest
import torch

from explorer.objectives.gmpo import gmpo

SAMPLE = torch.tensor([0, 0, 1, 1])


def loss(log_ratio: list[float], advantage: list[float], **settings) -> torch.Tensor:
    new = torch.tensor(log_ratio, dtype=torch.float64)
    a = torch.tensor(advantage, dtype=torch.float64)
    return gmpo(new, torch.zeros(4).double(), a, SAMPLE, **settings)


def test_each_token_is_clipped_before_the_mean():
    # A > 0 caps a rise: (0.25 + 0.5) / 2. A < 0 caps a fall: (-0.25 + 0.5) / 2, the rise is kept.
    got = loss([1.0, 0.5, -1.0, 0.5], [1, 1, -1, -1], eps_low=0.25, eps_high=0.25)
    up, down = math.exp(0.25), math.exp(0.125)
    assert got.tolist() == pytest.approx([-up, -up, down, down])


def test_a_clipped_token_has_no_gradient_and_leaves_the_others_theirs():
    new = torch.tensor([1.0, 0.25, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
    a = torch.ones(4).double()
    gmpo(new, torch.zeros(4).double(), a, SAMPLE, eps_high=0.5).sum().backward()
    assert new.grad is not None
    # Both tokens of the first completion carry its term; each mean gives half of the gradient.
    assert new.grad.tolist() == pytest.approx([0, -math.exp(0.375), -1, -1])


def test_at_the_old_policy_the_loss_is_minus_the_mean_advantage():
    assert loss([0, 0, 0, 0], [1, 0, -1, -1]).tolist() == [-0.5, -0.5, 1, 1]
