"""Estimators against the true values of a step of a run: which rows and columns are told."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from explorer import compare, readme
from explorer.noise import Noise
from explorer.reference import Of
from explorer.types import Credit, Rollouts

Row = dict[str, Any]
SCOPES = ("all", "block", "stratum", "decile", "every")
_TOLD = ("estimator", "scope", "pearson", "pearson_low", "pearson_high", "pearson_corrected")
_TOLD += ("spearman", "sign", "sign_low", "sign_high", "rmse", "rmse_scaled")
_TOLD += ("variance", "snr", "noise_scale")
_CONSTANT = re.compile(r"(?<=constant) .*")
_SHORT = {"pearson_corrected": "corrected", "rmse_scaled": "scaled"}


def rows(
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    *,
    of: str = "reward",
    scope: str = "all",
    noise: Mapping[str, Noise] | None = None,
    seed: int = 0,
) -> list[Row]:
    """What `explorer.compare.agreement` says, and whether the estimator is unbiased.

    `unbiased` is the README's word on the estimator with its default settings, where it is an exact
    number; with other settings it is None.

    Args:
        of: reward or block, as there.
        scope: all, or each block, stratum or decile; every: all of these.
        noise: adds variance, signal-to-noise ratio and noise scale to the rows of all.
        seed: of the bootstrap.

    Raises:
        NotMeasured: there are no true values.
        ValueError: no such scope, no such thing to compare with, or no token is known.
    """
    if scope not in SCOPES:
        raise ValueError(f"--scope must be one of {', '.join(SCOPES)}; got {scope!r}")
    found = compare.agreement(rollouts, credits, of=whose(of), noise=noise, seed=seed)
    chosen = [row for row in found if scope in ("every", row["scope"].partition(" ")[0])]
    names = list(dict.fromkeys(name for row in chosen for name in row))
    verdicts = readme.estimators()
    return [
        {name: row.get(name) for name in names}
        | {"unbiased": verdicts.get(row["estimator"], {}).get("unbiased")}
        for row in chosen
    ]


def whose(of: str) -> Of:
    """Whose advantage is the true one.

    Raises:
        ValueError: neither of the reward nor of the block.
    """
    for known in (kinds := get_args(Of)):
        if of == known:
            return known
    raise ValueError(f"--of must be one of {', '.join(kinds)}; got {of!r}")


def told(table: Sequence[Row]) -> list[Row]:
    """The columns that fit on a screen, best correlation first within each scope."""
    order = {scope: place for place, scope in enumerate(dict.fromkeys(r["scope"] for r in table))}
    ranked = sorted(table, key=lambda row: (order[row["scope"]], -_number(row["pearson"])))
    return [
        {_SHORT.get(name, name): row[name] for name in _TOLD if name in row}
        | {"unbiased": _CONSTANT.sub("", row["unbiased"] or "")}
        for row in ranked
    ]


def _number(x: float | None) -> float:
    return x if x is not None and x == x else -2.0  # below every correlation
