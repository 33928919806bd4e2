"""Per-token scores under random projection: what every estimator's gradient noise needs, once.

The score of a token, g_t = grad log pi(o_t), has as many entries as the policy has parameters. Each
entry i is thrown with a random sign s_i into one of R buckets b_i, which keeps inner products:

    Z[t, r] = sum_{i: b_i = r} s_i g_t[i]          E Z_t . Z_u = g_t . g_u

Any estimator's group gradients are then sums of rows (`explorer.scores`). Two ways fill the same
table: `reverse`, one pullback a token, best for short sequences, and `forward`, one directional
derivative a bucket, best for long ones and where one gradient a token does not fit.
"""

import math
import warnings
from collections.abc import Callable
from typing import Annotated

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from explorer import ragged
from explorer.directions import Metric, along, hashes, parameters_of
from explorer.knobs import Slider
from explorer.policy import Policy, score
from explorer.types import Rollouts

ScoreTable = Float[Tensor, "tokens width"]
Progress = Callable[[float], None] | None
MEMORY = 0.25  # GiB of gradients that `reverse` holds at once
TANGENTS = 4  # buckets pushed forward at once


def score_table(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: Annotated[int, Slider(32, 2048, 32, at_least=1)] = 512,
    seed: int = 0,
    temperature: float = 1.0,
    metric: Metric | None = None,
    progress: Progress = None,
) -> ScoreTable:
    """The table by the way that costs less.

    Args:
        width: buckets R; squared norms are off by up to sqrt(2 / R) of themselves.
        seed: of the buckets and signs; both ways give the same table.
        temperature: at which the policy sampled.
        metric: positive weights of the parameters, such as `adam_metric`; inner products become
            sum_i metric_i g_i g'_i. None weighs all alike.
        progress: is told the share that is done.

    Raises:
        ValueError: the rollouts lack the prompts' tokens.
    """
    way = reverse if reverse_is_cheaper(policy, rollouts, width) else forward
    return way(
        policy,
        rollouts,
        width=width,
        seed=seed,
        temperature=temperature,
        metric=metric,
        progress=progress,
    )


def reverse_is_cheaper(policy: Policy, rollouts: Rollouts, width: int) -> bool:
    """Whether pulling every token back costs less than pushing every bucket forward."""
    by_rows, by_columns = operations(policy, rollouts, width)
    return by_rows <= by_columns


def operations(policy: Policy, rollouts: Rollouts, width: int) -> tuple[float, float]:
    """Floating-point operations of the two ways.

        reverse  4 d sum_i n_i L_i          forward  12 R d sum_i L_i

    with n_i completion tokens and L_i tokens of sample i in all, d parameters. 4 and 6 are
    operations a parameter; forward's count double, as measured: its passes are many and small.
    Infinite for reverse where the gradient of one token takes more than `MEMORY`.

    Raises:
        ValueError: the rollouts lack the prompts' tokens.
    """
    if rollouts.prompt_tokens is None:
        raise ValueError("a score table needs the tokens of every prompt; record prompt_tokens")
    size = sum(p.numel() for p in parameters_of(policy).values())
    own = ragged.lengths(rollouts).cpu()
    prompt = torch.tensor([len(ids) for ids in rollouts.prompt_tokens])[rollouts.group.cpu()]
    by_rows = 4.0 * size * int((own * (own + prompt)).sum())
    fits = 4 * size <= MEMORY * 2**30
    return by_rows if fits else math.inf, 12.0 * width * size * int((own + prompt).sum())


def reverse(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: int,
    seed: int,
    temperature: float = 1.0,
    metric: Metric | None = None,
    progress: Progress = None,
) -> ScoreTable:
    """The table by rows: the pullbacks of some tokens, hashed before the next ones are drawn."""
    hashed = list(hashes(policy, width, seed, metric).values())
    parameters = list(parameters_of(policy).values())
    at_once = max(1, int(MEMORY * 2**28 / sum(p.numel() for p in parameters)))
    rows = []
    for i in range(len(rollouts.rewards)):
        logprobs = score(policy, ragged.of_sample(rollouts, i), temperature=temperature).logprobs
        for which in torch.eye(len(logprobs)).to(logprobs).split(at_once):
            pulled = torch.autograd.grad(
                logprobs, parameters, which, retain_graph=True, is_grads_batched=True
            )
            row = logprobs.new_zeros(len(which), width)
            for gradient, own in zip(pulled, hashed, strict=True):
                row.index_add_(1, own.bucket, gradient.flatten(1).mul_(own.factor).to(row))
            rows.append(row)
        _tell(progress, (i + 1) / len(rollouts.rewards))
    return torch.cat(rows).to(rollouts.tokens.device)


def forward(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: int,
    seed: int,
    temperature: float = 1.0,
    metric: Metric | None = None,
    progress: Progress = None,
) -> ScoreTable:
    """The table by columns: the derivative of all log-probabilities along each bucket."""
    here = {f"model.{name}": p.detach() for name, p in parameters_of(policy).items()}
    hashed = {f"model.{name}": h for name, h in hashes(policy, width, seed, metric).items()}
    scored = _Scored(policy, temperature)

    def logprobs(parameters: dict[str, Tensor]) -> Tensor:
        return torch.func.functional_call(scored, parameters, (rollouts,))

    def derivative(direction: dict[str, Tensor]) -> Tensor:
        return torch.func.jvp(logprobs, (here,), (direction,))[1]

    columns: list[Tensor] = []
    # The fused attention kernels have no forward derivative. Torch finds its rules for some others
    # by its own deprecated jit, on first use.
    with sdpa_kernel(SDPBackend.MATH), torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*torch.jit.script.*", DeprecationWarning)
        for some in torch.arange(width, device=policy.device).split(TANGENTS):
            columns.append(torch.func.vmap(derivative)(along(hashed, some, here)).float())
            _tell(progress, (int(some[-1]) + 1) / width)
    return torch.cat(columns).T.contiguous().to(rollouts.tokens.device)


class _Scored(nn.Module):
    """The log-probabilities as a module, so that its parameters can be replaced in a call."""

    def __init__(self, policy: Policy, temperature: float) -> None:
        super().__init__()
        self.model = policy.model
        self.policy, self.temperature = policy, temperature

    def forward(self, rollouts: Rollouts) -> Tensor:
        return score(self.policy, rollouts, temperature=self.temperature).logprobs


def _tell(progress: Progress, share: float) -> None:
    if progress is not None:
        progress(share)
