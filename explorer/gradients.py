"""Noise of several estimators' gradients on the same rollouts, without and with backward passes.

The gradient of a batch is linear in the advantages: it is the mean over the P prompt groups of

    h_p = P sum_{t in group p} c_t A_t g_t,        g_t = grad log pi(o_t)

with c_t the coefficients of the aggregation (`catalog.run` of a leaf of `aggregations/`), at a
ratio of 1, before any clipping. Two tiers stand here: `logit`, from two stored numbers a token,
and `exact`, one backward pass for each group and estimator.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from explorer import ragged
from explorer.catalog import HOW_TO_MEASURE, NotMeasured
from explorer.directions import Metric, parameters_of
from explorer.noise import Gram, Noise, enough, from_norms, noise
from explorer.policy import Policy, score
from explorer.types import Credit, PerToken, Rollouts

MEMORY = 8  # GiB of gradients that `exact` may hold


def logit(
    rollouts: Rollouts, credits: dict[str, Credit], coefficients: PerToken
) -> dict[str, Noise]:
    """Noise in the space of the logits, as if every token had logits of its own.

        |h_p|^2 = P^2 sum_t (c_t A_t)^2 w_t,        w_t = 1 - 2 pi_t + sum_v pi_v^2

    w_t is the squared norm of d log pi(o_t) / d logits, so this is exact there, and no token can
    cancel another: A = +1, -1, +1, -1 is not zero (in verl's proxy of arXiv:2602.07078, which
    takes the mean of A first, it is). It ranks estimators by how much they push and where. It can
    not say how pushes add up in the parameters, so there is no signal and no noise scale, and its
    unit differs from that of the other tiers.

    Raises:
        NotMeasured: no `old_logprobs` or `sum_pi_sq`.
        ValueError: fewer than 2 prompt groups.
    """
    weights = norms(rollouts)
    group = rollouts.group[rollouts.sample]
    count = enough(_groups(rollouts))
    return {
        name: from_norms(
            weights.new_zeros(count).index_add_(
                0, group, (count * coefficients * credit.advantage).square() * weights
            ),
            "logit",
        )
        for name, credit in credits.items()
    }


def norms(rollouts: Rollouts) -> PerToken:
    """|d log pi(o_t) / d logits|^2 = 1 - 2 pi(o_t) + sum_v pi_v^2, 0 for a token not sampled."""
    if rollouts.old_logprobs is None or rollouts.sum_pi_sq is None:
        raise NotMeasured(
            "the logit tier reads 'old_logprobs' and 'sum_pi_sq', which these rollouts lack; "
            + HOW_TO_MEASURE["sum_pi_sq"]
        )
    weights = 1 - 2 * rollouts.old_logprobs.exp() + rollouts.sum_pi_sq
    return weights.where(rollouts.mask, 0.0)


def exact(
    policy: Policy,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    coefficients: PerToken,
    *,
    temperature: float = 1.0,
    metric: Metric | None = None,
) -> dict[str, Noise]:
    """Noise of the gradients by the parameters: one forward pass a group, one backward pass for
    each group and estimator.

    Args:
        temperature: at which the policy sampled.
        metric: positive weights of the parameters, such as `directions.adam_metric`: what the
            optimiser feels, where lengths are not those of the parameters. None weighs all alike.

    Raises:
        ValueError: fewer than 2 prompt groups.
    """
    chosen = {"temperature": temperature, "metric": metric}
    grams = exact_grams(policy, rollouts, credits, coefficients, **chosen)
    return {name: noise(gram, "exact") for name, gram in grams.items()}


def exact_grams(
    policy: Policy,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    coefficients: PerToken,
    *,
    temperature: float = 1.0,
    metric: Metric | None = None,
) -> dict[str, Gram]:
    """Inner products of the groups' gradients under each estimator, for `noise` and `paired`."""
    weights = pushes(rollouts, credits, coefficients)
    chosen = {"temperature": temperature, "metric": metric}
    gradients = group_gradients(policy, rollouts, weights, **chosen)
    return {name: products(rows, rows) for name, rows in gradients.items()}


def pushes(
    rollouts: Rollouts, credits: dict[str, Credit], coefficients: PerToken
) -> dict[str, PerToken]:
    """P c_t A_t: how hard each estimator pushes each token's log-probability up."""
    count = enough(_groups(rollouts))
    return {name: count * coefficients * credit.advantage for name, credit in credits.items()}


def group_gradients(
    policy: Policy,
    rollouts: Rollouts,
    weights: dict[str, PerToken],
    *,
    temperature: float = 1.0,
    metric: Metric | None = None,
) -> dict[str, list[Tensor]]:
    """Gradient of sum_t weight_t log pi(o_t) over each prompt group, for each set of weights.

    One matrix [groups, size] for each parameter; zeros where a parameter takes no part. With a
    metric each entry is multiplied by the root of its weight.

    Raises:
        ValueError: the gradients would take more than `MEMORY` GiB.
    """
    named = parameters_of(policy)
    parameters = list(named.values())
    count = _groups(rollouts)
    _fits(count, parameters, len(weights))
    rows = {name: [p.new_zeros(count, p.numel()) for p in parameters] for name in weights}
    for g in range(count):
        here = rollouts.group[rollouts.sample] == g
        logprobs = score(policy, ragged.of_group(rollouts, g), temperature=temperature).logprobs
        for name, weight in weights.items():
            own = weight[here].to(logprobs)
            if not own.any():
                continue
            found = torch.autograd.grad(
                logprobs, parameters, own, retain_graph=True, allow_unused=True
            )
            for row, gradient in zip(rows[name], found, strict=True):
                if gradient is not None:
                    row[g] = gradient.flatten()
    if metric is not None:
        for own in rows.values():
            for row, name in zip(own, named, strict=True):
                row *= metric[name].flatten().sqrt()
    return rows


def products(rows: list[Tensor], columns: list[Tensor]) -> Gram:
    """Inner products of two sets of group gradients, added over the parameters in float64."""
    return torch.stack([(a @ b.T).double() for a, b in zip(rows, columns, strict=True)]).sum(0)


def _groups(rollouts: Rollouts) -> int:
    return int(rollouts.group.max()) + 1


def _fits(groups: int, parameters: Sequence[Tensor], estimators: int) -> None:
    size = sum(p.numel() for p in parameters)
    needed = 4 * groups * size * estimators / 2**30
    if needed > MEMORY:
        raise ValueError(
            f"exact gradients of {groups} groups, {size:,} parameters and {estimators} estimators "
            f"take {needed:.0f} GiB, more than {MEMORY} GiB; use the tail tier or fewer of them"
        )
