"""Hashes of a policy's parameters into a few numbers, and metrics of their space.

Count sketch: Charikar et al. 2002; for inner products Weinberger et al. 2009, arXiv:0902.2206.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.policy import Policy

Metric = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Hash:
    """The bucket and the factor of every entry of one parameter, flat."""

    bucket: Tensor
    factor: Tensor  # a random sign, times the root of the metric


def hashes(policy: Policy, width: int, seed: int, metric: Metric | None = None) -> dict[str, Hash]:
    """A random bucket out of `width` and a random sign for every entry of every parameter."""
    draw = torch.Generator().manual_seed(seed)  # on the CPU: the same hashes on every device
    found = {}
    for name, parameter in parameters_of(policy).items():
        n = parameter.numel()
        bucket = torch.randint(width, (n,), generator=draw)
        sign = (2 * torch.randint(2, (n,), generator=draw) - 1).to(parameter)
        if metric is not None:
            sign *= metric[name].flatten().to(sign).sqrt()
        found[name] = Hash(bucket.to(parameter.device), sign)
    return found


def along(hashed: dict[str, Hash], bucket: Tensor, like: dict[str, Tensor]) -> dict[str, Tensor]:
    """The directions that some buckets stand for, shaped as the parameters: [buckets, *shape]."""
    return {
        name: torch.where(own.bucket == bucket[:, None], own.factor, 0.0).view(
            len(bucket), *like[name].shape
        )
        for name, own in hashed.items()
    }


def adam_metric(policy: Policy, optimizer: torch.optim.Adam, eps: float = 1e-8) -> Metric:
    """1 / (sqrt(v) + eps) of each parameter: g . metric g is the first-order gain of Adam's step.

    v is the bias-corrected second moment that the optimiser has gathered.

    Raises:
        ValueError: the optimiser has not taken a step yet.
    """
    weights = {}
    for name, parameter in parameters_of(policy).items():
        state = optimizer.state.get(parameter)
        if not state:
            raise ValueError(f"the optimiser has no second moment of {name}; take a step first")
        beta = optimizer.param_groups[0]["betas"][1]
        v = state["exp_avg_sq"] / (1 - beta ** float(state["step"]))
        weights[name] = 1 / (v.sqrt() + eps)
    return weights


def parameters_of(policy: Policy) -> dict[str, Tensor]:
    """The parameters that learn, by name; the critic's are not among them."""
    return {name: p for name, p in policy.model.named_parameters() if p.requires_grad}
