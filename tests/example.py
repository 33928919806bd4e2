"""The example that most worked numbers are of: one prompt, rewards 1, 0, 0, 1."""

import torch
from torch import Tensor
from torch.testing import assert_close

from explorer.types import Rollouts

E1 = Rollouts.from_lists(
    tokens=[[5, 7], [5, 8, 6], [5, 8, 7, 6], [5, 7, 9]],
    rewards=[1, 0, 0, 1],
    group=[0, 0, 0, 0],
    dtype=torch.float64,
)


def of_samples(a: float, b: float, c: float, d: float) -> list[float]:
    """One number for each sample of E1, on each of its tokens."""
    return [a] * 2 + [b] * 3 + [c] * 4 + [d] * 3


def near(actual: Tensor, expected: list[float], atol: float = 1e-5) -> None:
    """The numbers to the digits that they are written with."""
    assert_close(actual.double(), torch.tensor(expected, dtype=torch.float64), atol=atol, rtol=0)
