"""Two completions with log-ratios (.2, -.1, .05) and (.4, .1, -.2): s = 1.05127, 1.10517."""

import pytest
import torch

from explorer.objectives.gspo import gspo

LOG_RATIO = [0.2, -0.1, 0.05, 0.4, 0.1, -0.2]
SAMPLE = torch.tensor([0, 0, 0, 1, 1, 1])


def weights(advantage: float, **settings) -> list[float]:
    new = torch.tensor(LOG_RATIO, dtype=torch.float64, requires_grad=True)
    a = torch.full((6,), advantage, dtype=torch.float64)
    gspo(new, torch.zeros(6).double(), a, SAMPLE, **settings).sum().backward()
    assert new.grad is not None
    return (-new.grad / advantage).tolist()


def test_the_weight_is_the_geometric_mean_of_the_ratios():
    expected = [1.05127] * 3 + [1.10517] * 3
    assert weights(1.0, eps_high=1.0) == pytest.approx(expected, abs=1e-5)


def test_a_completion_is_clipped_as_a_whole():
    assert weights(1.0, eps_high=0.1) == pytest.approx([1.05127] * 3 + [0] * 3, abs=1e-5)
    assert weights(-1.0, eps_high=0.1) == pytest.approx([1.05127] * 3 + [1.10517] * 3, abs=1e-5)


def test_value():
    new = torch.tensor(LOG_RATIO, dtype=torch.float64)
    a = torch.tensor([1.0, 1, 1, -1, -1, -1]).double()
    got = gspo(new, torch.zeros(6).double(), a, SAMPLE, eps_high=0.01)
    assert got.tolist() == pytest.approx([-1.01] * 3 + [1.10517] * 3, abs=1e-5)
