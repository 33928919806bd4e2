"""Gradient weights w, such that the gradient is w A grad log pi: columns PPO and PPO dual."""

import pytest
import torch
from torch.testing import assert_close

from explorer.objectives.ppo_clip import ppo_clip


def weight(ratio: float, advantage: float, **settings) -> float:
    new = torch.tensor([ratio], dtype=torch.float64).log().requires_grad_()
    a = torch.tensor([advantage], dtype=torch.float64)
    ppo_clip(new, torch.zeros_like(new), a, **settings).sum().backward()
    assert new.grad is not None
    return -new.grad.item() / advantage


@pytest.mark.parametrize(
    ("ratio", "advantage", "plain", "dual"),
    [
        (0.1, 1, 0.1, 0.1),
        (0.1, -1, 0, 0),
        (0.3, 1, 0.3, 0.3),
        (0.5, 1, 0.5, 0.5),
        (0.9, 1, 0.9, 0.9),
        (0.9, -1, 0.9, 0.9),
        (1.1, 1, 1.1, 1.1),
        (1.5, 1, 0, 0),
        (1.5, -1, 1.5, 1.5),
        (4, -1, 4, 0),
        (6, -1, 6, 0),
    ],
)
def test_gradient_weights(ratio, advantage, plain, dual):
    assert weight(ratio, advantage) == pytest.approx(plain)
    assert weight(ratio, advantage, dual_clip=True) == pytest.approx(dual)


def test_clip_higher():
    assert weight(1.25, 1, eps_high=0.28) == pytest.approx(1.25)
    assert weight(1.3, 1, eps_high=0.28) == 0


def test_value():
    new = torch.tensor([1.5, 1.5, 0.5, 0.5, 6.0]).log()
    a = torch.tensor([1.0, -1.0, 1.0, -1.0, -1.0])
    loss = ppo_clip(new, torch.zeros(5), a, dual_clip=True)
    assert_close(loss, torch.tensor([-1.2, 1.5, -0.5, 0.8, 3.0]))


def test_a_ratio_never_overflows():
    loss = ppo_clip(torch.tensor([0.0]), torch.tensor([-1000.0]), torch.tensor([0.0]))
    assert loss.item() == 0
