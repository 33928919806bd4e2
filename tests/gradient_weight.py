"""The weight of one token, for the tables that were worked by hand."""

from collections.abc import Callable

import torch

from explorer.weights import weights


def gradient_weight(objective: Callable, ratio: float, advantage: float, **settings) -> float:
    one = torch.tensor([ratio], dtype=torch.float64)
    return weights(objective, one, float(advantage), **settings).item()
