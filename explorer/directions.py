"""Random directions in the space of a policy's parameters, and metrics of that space."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from explorer.policy import Policy

Metric = Mapping[str, Tensor]
AT_ONCE = 4  # directions


def directions(
    policy: Policy, width: int, seed: int, metric: Metric | None = None
) -> Iterator[list[Tensor]]:
    """Random signs shaped like the parameters, a few directions at a time, times sqrt(metric)."""
    draw = torch.Generator().manual_seed(seed)  # on the CPU: the same signs on every device
    parameters = parameters_of(policy)
    for first in range(0, width, AT_ONCE):
        several = [
            torch.empty(min(AT_ONCE, width - first), *p.shape).bernoulli_(generator=draw)
            for p in parameters.values()
        ]
        signs = [(2 * s - 1).to(p) for s, p in zip(several, parameters.values(), strict=True)]
        if metric is not None:
            signs = [s * metric[n].to(s).sqrt() for s, n in zip(signs, parameters, strict=True)]
        yield signs


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
