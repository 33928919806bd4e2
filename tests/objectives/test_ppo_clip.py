"""Columns PPO and PPO dual of the table of gradient weights."""

import pytest
import torch
from gradient_weight import gradient_weight
from torch.testing import assert_close

from explorer.objectives.ppo_clip import ppo_clip


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
    assert gradient_weight(ppo_clip, ratio, advantage) == pytest.approx(plain)
    assert gradient_weight(ppo_clip, ratio, advantage, dual_clip=True) == pytest.approx(dual)


def test_clip_higher():
    assert gradient_weight(ppo_clip, 1.25, 1, eps_high=0.28) == pytest.approx(1.25)
    assert gradient_weight(ppo_clip, 1.3, 1, eps_high=0.28) == 0


def test_value():
    new = torch.tensor([1.5, 1.5, 0.5, 0.5, 6.0]).log()
    a = torch.tensor([1.0, -1.0, 1.0, -1.0, -1.0])
    loss = ppo_clip(new, torch.zeros(5), a, dual_clip=True)
    assert_close(loss, torch.tensor([-1.2, 1.5, -0.5, 0.8, 3.0]))


def test_a_ratio_never_overflows():
    loss = ppo_clip(torch.tensor([0.0]), torch.tensor([-1000.0]), torch.tensor([0.0]))
    assert loss.item() == 0
