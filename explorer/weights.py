"""The weight w that an objective gives a token: the gradient of its loss is -w A grad log pi."""

from collections.abc import Callable
from typing import Any

import torch

from explorer import knobs
from explorer.types import PerToken

CHANCE = 0.05  # of a token when it was sampled


def weights(
    objective: Callable[..., Any], ratio: PerToken, advantage: float, **settings: Any
) -> PerToken:
    """w of tokens that are `ratio` times as likely as when they were sampled, by autograd.

        w = -(d loss / d log pi) / A

    Each token is a completion and a segment by itself, and was sampled with a probability of 0.05,
    which matters to objectives that bound a probability and not its ratio.

    Raises:
        ValueError: an objective that needs more to be told than that.
    """
    old = torch.full_like(ratio, CHANCE).log()
    new = (old + ratio.log()).requires_grad_()
    alone = torch.arange(len(ratio), device=ratio.device)
    fields = {
        "new_logprobs": new,
        "old_logprobs": old,
        "logprobs": old,
        "advantage": torch.full_like(ratio, advantage),
        "sample": alone,
        "segment": alone,
    }
    if lacking := [name for name in knobs.inputs(objective) if name not in fields]:
        raise ValueError(
            f"{objective.__name__} reads {lacking[0]!r}, so that its weight is no function of the "
            f"ratio; take an objective that reads {', '.join(fields)}"
        )
    losses = objective(*(fields[name] for name in knobs.inputs(objective)), **settings)
    (gradient,) = torch.autograd.grad(losses.sum(), new)
    return -gradient / advantage
