"""Which estimator is nearest to the truth on a batch, and which can not be told apart from it.

Prompts that are hard are hard for all estimators, so a difference between two of them is known
better than either number: the bootstrap is paired.
"""

from collections.abc import Mapping
from typing import Any

import torch

from explorer.compare import scopes, shares_errors
from explorer.correlation import LESS_IS_NEARER, interval, resampled
from explorer.reference import Of, reference
from explorer.types import Credit, Rollouts


def behind(
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    measure: str = "pearson",
    *,
    scope: str = "all",
    of: Of = "reward",
    seed: int = 0,
) -> list[dict[str, Any]]:
    """How far each estimator is behind the nearest one by one `measure` of `correlation`.

    Nearest first; where the measure is not defined the estimator is left out, and so are those
    that read the Monte-Carlo values, which would be told apart by the truth's own errors. `behind`
    is at least 0 and has a 95 % interval by bootstrap over prompts, the same ones for both;
    `apart` is whether that lies above 0. The nearest one is chosen and judged on the same batch,
    and the intervals are not widened for the number of comparisons.

    Args:
        measure: pearson, spearman, sign, rmse, rmse_scaled, unexplained or unexplained_corrected.
        scope: the part of the batch, as in `compare.agreement`.
        of: reward or block, as in `reference`.
        seed: of the bootstrap.

    Raises:
        NotMeasured: there are no Monte-Carlo values.
        ValueError: there is no such part of the batch, or no token of it has a known advantage.
    """
    parts = dict(scopes(rollouts))
    if scope not in parts:
        raise ValueError(f"there is no part {scope!r}; there are {', '.join(parts)}")
    truth, variance = reference(rollouts, of)
    here = parts[scope] & ~truth.isnan()
    if not here.any():
        raise ValueError(f"no token of {scope} has a known advantage; measure more positions")
    prompt = rollouts.group[rollouts.sample][here]
    sign = -1.0 if measure in LESS_IS_NEARER else 1.0
    found = {
        name: sign
        * resampled(credit.advantage[here], truth[here], variance[here], prompt, seed=seed)[measure]
        for name, credit in credits.items()
        if not shares_errors(name)
    }
    known = {name: values for name, values in found.items() if not values[0].isnan()}
    order = sorted(known, key=lambda name: -float(known[name][0]))
    prompts = len(torch.unique(prompt))
    rows = []
    for name in order:
        gap = known[order[0]] - known[name]
        low, high = interval(gap, prompts).tolist()
        row = {"estimator": name, measure: sign * float(known[name][0]), "behind": float(gap[0])}
        rows.append(row | {"behind_low": low, "behind_high": high, "apart": low > 0})
    return rows
