"""Estimators against the truth: one row for each estimator and each part of the batch."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from explorer import catalog, correlation, peers, ragged
from explorer.noise import Noise
from explorer.reference import Of, reference
from explorer.types import Credit, Rollouts

DECILES = 10
_NOISE = ("variance", "variance_sem", "snr", "noise_scale")


def agreement(
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    *,
    of: Of = "reward",
    noise: Mapping[str, Noise] | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Correlation, sign agreement and error against the Monte-Carlo advantage (`correlation`).

    One row for each estimator and `scope`: all, each block, each stratum (block and outcome), each
    decile of the place in the completion. Every token of a segment weighs the same, as in
    arXiv:2601.07320; error is in rewards, so an estimator in other units has `rmse_scaled` to be
    judged by. Estimators that read the Monte-Carlo values share their errors, so that what is
    corrected for noise is NaN there and `shares_errors` is true. `noise` adds variance and
    signal-to-noise to the rows of all.

    Args:
        of: reward compares with the advantage of the whole reward, block with that of the token's
            own block.
        noise: by estimator, from any tier of `gradients`, `scores` or `tail`.
        seed: of the bootstrap.

    Raises:
        NotMeasured: there are no Monte-Carlo values.
        ValueError: no token has a known advantage.
    """
    truth, variance = reference(rollouts, of)
    known = ~truth.isnan()
    if not known.any():
        raise ValueError(f"no token has a known advantage of its {of}; measure more positions")
    prompt = rollouts.group[rollouts.sample]
    parts = [(scope, mask & known) for scope, mask in scopes(rollouts) if (mask & known).any()]
    rows = []
    for name, credit in credits.items():
        own = {"estimator": name, "granularity": granularity(rollouts, credit)}
        shared = shares_errors(name)
        for scope, here in parts:
            row = correlation.agreement(
                credit.advantage[here], truth[here], variance[here], prompt[here], seed=seed
            )
            if shared:
                row |= {column: torch.nan for column in row if "_corrected" in column}
            rows.append(own | {"scope": scope} | row | {"shares_errors": shared})
    return beside(rows, noise or {})


def beside(rows: Sequence[Mapping[str, Any]], noise: Mapping[str, Noise]) -> list[dict[str, Any]]:
    """The rows, with variance and signal-to-noise in those of all tokens."""
    return [
        {**row, **{column: getattr(noise[row["estimator"]], column) for column in _NOISE}}
        if row["scope"] == "all" and row["estimator"] in noise
        else dict(row)
        for row in rows
    ]


def scopes(rollouts: Rollouts) -> Iterator[tuple[str, Tensor]]:
    """Parts of the batch that are looked at by themselves: a name and which tokens."""
    everything = rollouts.mask
    yield "all", everything
    if rollouts.block is not None:
        blocks = sorted(set(rollouts.block[everything].tolist()) - {-1})
        for k in blocks:
            yield f"block {k}", everything & (rollouts.block == k)
        if rollouts.outcomes is not None:
            for k in blocks:
                outcome = rollouts.outcomes[rollouts.sample, k]
                here = everything & (rollouts.block == k)
                values = sorted(set(outcome[here].tolist()))
                for o in values if len(values) > 1 else []:
                    yield f"stratum {k}/{o}", here & (outcome == o)
    size = ragged.lengths(rollouts)[rollouts.sample]
    decile = DECILES * peers.position(rollouts.sample) // size
    for d in range(DECILES):
        yield f"decile {d}", everything & (decile == d)


def granularity(rollouts: Rollouts, credit: Credit) -> str:
    """The coarsest part within which every token gets the same advantage here."""
    parts = {"completion": rollouts.sample}
    if rollouts.block is not None:
        parts["block"] = peers.classes((rollouts.sample, rollouts.block))
    if rollouts.segment is not None:
        parts["segment"] = rollouts.segment
    advantage = credit.advantage[rollouts.mask]
    for name, index in parts.items():
        own = index[rollouts.mask]
        if bool((advantage - peers.mean(advantage, own)).abs().max() < 1e-6):
            return name
    return "token"


def shares_errors(name: str) -> bool:
    """Whether an estimator, by its name or a label such as `vine:max_steps=5`, reads mc_values."""
    leaf = name.partition(":")[0]
    known = leaf in catalog.names("estimators")
    return known and "mc_values" in catalog.reads(catalog.load("estimators", leaf))
