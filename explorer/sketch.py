"""Per-token scores under random projection: what every estimator's gradient noise needs, once.

The score of a token, g_t = grad log pi(o_t), has as many entries as the policy has parameters. Its
products with R random directions keep inner products (Johnson and Lindenstrauss 1984; signs as
directions: Achlioptas 2003):

    Z[t, r] = g_t . v_r / sqrt(R),      v_r in {-1, +1}^d      E Z_t . Z_u = g_t . g_u

Any estimator's group gradients are then sums of rows (`explorer.scores`). Two ways fill the same
table: `reverse`, one pullback a token, best for short sequences, and `forward`, one directional
derivative for each r, best for long ones and for models too large for R directions in memory.
"""

import warnings
from collections.abc import Callable
from typing import Annotated

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from explorer import ragged
from explorer.directions import Metric, directions, parameters_of
from explorer.knobs import Slider
from explorer.policy import Policy, score
from explorer.types import Rollouts

ScoreTable = Float[Tensor, "tokens width"]
PULLBACKS = 64  # tokens pulled back at once
MEMORY = 2.0  # GiB of directions that `reverse` may hold


def score_table(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: Annotated[int, Slider(32, 1024, 32, at_least=1)] = 256,
    seed: int = 0,
    temperature: float = 1.0,
    metric: Metric | None = None,
    progress: Callable[[float], None] | None = None,
) -> ScoreTable:
    """The table by the way that costs less.

    Args:
        width: directions R; inner products are off by about sqrt(2 / R) of the norms.
        seed: of the directions; the same seed gives the same directions both ways.
        temperature: at which the policy sampled.
        metric: positive weights of the parameters, such as `adam_metric`; inner products become
            sum_i metric_i g_i g'_i. None weighs all alike.
        progress: is told the share that is done.
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
    """Whether pulling every token back costs less than pushing every direction forward.

        reverse  sum_i n_i (4 L_i + 2 R) d          forward  12 R d sum_i L_i

    with n_i completion tokens and L_i tokens of sample i in all. 4 and 2 are operations a
    parameter; forward's 6 count double, as measured, for its passes are many and small. Reverse
    has to hold R d numbers.
    """
    sizes = sum(p.numel() for p in parameters_of(policy).values())
    if 4 * width * sizes > MEMORY * 2**30:
        return False
    if rollouts.prompt_tokens is None:
        raise ValueError("a score table needs the tokens of every prompt; record prompt_tokens")
    own = ragged.lengths(rollouts)
    prompt = torch.tensor([len(ids) for ids in rollouts.prompt_tokens])[rollouts.group.cpu()]
    total = own.cpu() + prompt
    return bool((own.cpu() * (4 * total + 2 * width)).sum() <= 12 * width * total.sum())


def reverse(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: int,
    seed: int,
    temperature: float = 1.0,
    metric: Metric | None = None,
    progress: Callable[[float], None] | None = None,
) -> ScoreTable:
    """The table by rows: the pullback of each token, projected before the next ones are drawn."""
    parameters = list(parameters_of(policy).values())
    draws = directions(policy, width, seed, metric)
    across = [torch.cat(d).flatten(1).T for d in zip(*draws, strict=True)]
    rows = []
    for i in range(len(rollouts.rewards)):
        logprobs = score(policy, ragged.of_sample(rollouts, i), temperature=temperature).logprobs
        for which in torch.eye(len(logprobs)).to(logprobs).split(PULLBACKS):
            pulled = torch.autograd.grad(
                logprobs, parameters, which, retain_graph=True, is_grads_batched=True
            )
            parts = [g.flatten(1) @ v for g, v in zip(pulled, across, strict=True)]
            rows.append(torch.stack(parts).sum(0).float())
        _tell(progress, (i + 1) / len(rollouts.rewards))
    return torch.cat(rows).to(rollouts.tokens.device) / width**0.5


def forward(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: int,
    seed: int,
    temperature: float = 1.0,
    metric: Metric | None = None,
    progress: Callable[[float], None] | None = None,
) -> ScoreTable:
    """The table by columns: the derivative of all log-probabilities along each direction."""
    names = [f"model.{name}" for name in parameters_of(policy)]
    here = dict(zip(names, (p.detach() for p in parameters_of(policy).values()), strict=True))
    scored = _Scored(policy, temperature)

    def logprobs(parameters: dict[str, Tensor]) -> Tensor:
        return torch.func.functional_call(scored, parameters, (rollouts,))

    def along(direction: dict[str, Tensor]) -> Tensor:
        return torch.func.jvp(logprobs, (here,), (direction,))[1]

    columns: list[Tensor] = []
    # The fused attention kernels have no forward derivative. Torch finds its rules for some others
    # by its own deprecated jit, on first use.
    with sdpa_kernel(SDPBackend.MATH), torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*torch.jit.script.*", DeprecationWarning)
        for several in directions(policy, width, seed, metric):
            tangents = dict(zip(names, several, strict=True))
            columns.append(torch.func.vmap(along)(tangents).float())
            _tell(progress, sum(map(len, columns)) / width)
    return torch.cat(columns).T.contiguous().to(rollouts.tokens.device) / width**0.5


class _Scored(nn.Module):
    """The log-probabilities as a module, so that its parameters can be replaced in a call."""

    def __init__(self, policy: Policy, temperature: float) -> None:
        super().__init__()
        self.model = policy.model
        self.policy, self.temperature = policy, temperature

    def forward(self, rollouts: Rollouts) -> Tensor:
        return score(self.policy, rollouts, temperature=self.temperature).logprobs


def _tell(progress: Callable[[float], None] | None, share: float) -> None:
    if progress is not None:
        progress(share)
