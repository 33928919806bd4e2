"""The gradient of a batch: forward, objective times coefficient, backward, part by part."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from explorer import catalog, knobs, ragged
from explorer.policy import Policy, Scores, measure, score
from explorer.types import PerToken, PerTokenTop, Rollouts

Loss = Callable[..., PerToken]


def forward(
    policy: Policy, rollouts: Rollouts, *, temperature: float, micro: int, top: int = 0
) -> tuple[Rollouts, Scores | None]:
    """The rollouts with what the policy says of their tokens, before it is updated.

    The scores keep their graph, to learn from without another pass; None if the batch is too large
    to be learnt from in one piece.

    Args:
        top: likeliest tokens to name at each position, with their log-probabilities.
    """
    if sum(1 for _ in parts(rollouts, micro)) != 1:
        return measure(policy, rollouts, temperature=temperature, top=top), None
    scores = score(policy, rollouts, temperature=temperature, top=top)
    measured = dataclasses.replace(
        rollouts,
        old_logprobs=scores.logprobs.detach(),
        entropy=scores.entropy.detach(),
        sum_pi_sq=scores.sum_pi_sq.detach(),
        top_tokens=scores.top_tokens,
        top_logprobs=scores.top_logprobs,
    )
    return measured, scores


def update(
    policy: Policy,
    optimizer: torch.optim.Optimizer,
    rollouts: Rollouts,
    coefficients: PerToken,
    loss: Loss,
    *,
    scores: Scores | None,
    updates: int,
    max_grad_norm: float,
    temperature: float,
    micro: int,
    beside: Callable[[], None] | None = None,
) -> dict[str, float]:
    """Take steps with the same rollouts; loss and gradient norm of the first.

    Args:
        beside: adds the gradient of another loss to the policy's at every step.
        scores: of the forward pass that measured the rollouts, if it can be learnt from.
        updates: optimizer steps; after the first the policy is no more the one that sampled.
        max_grad_norm: longer gradients of the policy are cut to this length.

    Raises:
        ValueError: a loss or a gradient that is not finite; the policy is left as it was.
    """
    found: dict[str, float] = {}
    for _ in range(updates):
        optimizer.zero_grad()
        value = backward(
            policy,
            rollouts,
            coefficients,
            loss,
            temperature=temperature,
            micro=micro,
            scores=scores,
        )
        if beside is not None:
            beside()
        norm = clip_grad_norm_(policy.model.parameters(), max_grad_norm).item()
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise ValueError(
                f"the loss is {value:g} and its gradient has norm {norm:g}; lower the learning rate"
            )
        optimizer.step()
        found = found or {"loss": value, "grad_norm": norm}
        scores = None
    return found


def backward(
    policy: Policy,
    rollouts: Rollouts,
    coefficients: PerToken,
    loss: Loss,
    *,
    temperature: float,
    micro: int,
    scores: Scores | None = None,
) -> float:
    """Add the gradient of sum_t c_t loss_t to the parameters; gives that sum.

    The advantage is `logged_advantages`.

    Args:
        temperature: of the sampler, so that ratios start at 1.
        micro: tokens in one backward pass, padding included; whole prompts go together.
    """
    total = 0.0
    for keep in parts(rollouts, micro):
        part = ragged.select(rollouts, keep)
        mask = part.mask
        now = scores or score(policy, part, temperature=temperature)
        weight = coefficients[keep[rollouts.sample]][mask]
        top = None if now.top_logprobs is None else now.top_logprobs[mask]
        value = (weight * loss(now.logprobs[mask], ragged.sampled_only(part), top)).sum()
        value.backward()
        total += value.item()
    return total


def loss_of(
    objective: Callable[..., PerToken], settings: dict[str, Any], *, kl: float = 0.0
) -> Loss:
    """The loss of each token from its new log-probability, its rollouts, and the new
    log-probabilities of the sampler's likeliest tokens.

    Raises:
        NotMeasured: when called on rollouts that lack what the objective reads.
    """
    penalty = catalog.load("objectives", "kl")

    def loss(
        new_logprobs: PerToken, rollouts: Rollouts, new_top_logprobs: PerTokenTop | None = None
    ) -> PerToken:
        new = {"new_logprobs": new_logprobs, "new_top_logprobs": new_top_logprobs}
        value = objective(*_fields(objective, new, rollouts), **settings)
        if kl:
            value = value + kl * penalty(*_fields(penalty, new, rollouts))
        return value

    return loss


def parts(rollouts: Rollouts, micro: int) -> Iterator[Tensor]:
    """Samples [samples] that are learnt from together: whole prompts, padded to `micro` tokens."""
    prompts = rollouts.prompt_tokens or []
    context = torch.tensor([len(prompt) for prompt in prompts], device=rollouts.group.device)
    totals = ragged.lengths(rollouts) + context[rollouts.group]
    longest, chosen = 0, torch.zeros_like(rollouts.group, dtype=torch.bool)
    for g in range(len(prompts)):
        own = rollouts.group == g
        longest = max(longest, int(totals[own].max()) if bool(own.any()) else 0)
        if bool(chosen.any()) and longest * int((chosen | own).sum()) > micro:
            yield chosen
            longest, chosen = int(totals[own].max()), own
        else:
            chosen = chosen | own
    yield chosen


def _fields(
    function: Callable[..., PerToken], new: dict[str, Any], rollouts: Rollouts
) -> list[Any]:
    known = new | {"advantage": rollouts.logged_advantages}
    values = {
        name: known[name] if name in known else getattr(rollouts, name)
        for name in knobs.inputs(function)
    }
    if lacking := [name for name, value in values.items() if value is None]:
        raise catalog.NotMeasured(
            f"{function.__name__} reads {lacking[0]!r}, which these rollouts lack"
        )
    return list(values.values())
