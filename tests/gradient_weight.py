"""The weight w of an objective: the gradient of one token's loss is -w A grad log pi."""

from collections.abc import Callable

import torch


def gradient_weight(objective: Callable, ratio: float, advantage: float, **settings) -> float:
    """Of a token whose probability was 0.05 and is ratio times that; by autograd."""
    old = torch.tensor([0.05], dtype=torch.float64).log()
    new = (old + torch.tensor([ratio], dtype=torch.float64).log()).requires_grad_()
    objective(new, old, torch.tensor([float(advantage)]).double(), **settings).sum().backward()
    assert new.grad is not None
    return -new.grad.item() / advantage
