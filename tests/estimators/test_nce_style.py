import pytest
import torch

from explorer.estimators.nce_style import nce_style


def advantages(*rewards: float, **settings) -> list[float]:
    r = torch.tensor(rewards, dtype=torch.float64)
    n = len(rewards)
    return nce_style(r, torch.zeros(n).long(), torch.arange(n), **settings).advantage.tolist()


def test_by_hand():
    # P = 2, N = 2: N / ((1 + N) P) = 1/3 and -1 / (1 + N) = -1/3
    assert advantages(1, 0, 0, 1) == pytest.approx([1 / 3, -1 / 3, -1 / 3, 1 / 3])
    # P = 1, N = 3
    assert advantages(1, 0, 0, 0) == pytest.approx([0.75, -0.25, -0.25, -0.25])


def test_no_contrast():
    assert advantages(1, 1) == advantages(0, 0) == [0, 0]


def test_the_threshold_decides_what_is_right():
    assert advantages(0.75, 0.5, threshold=0.6) == pytest.approx([0.5, -0.5])
