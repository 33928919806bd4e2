"""The noise of several estimators' gradients on the rollouts of one step of a run."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from torch import Tensor

from explorer import catalog, gradients, kept, paired, scored, scores, tail
from explorer.config import Config
from explorer.noise import Gram, Noise, noise
from explorer.policy import Policy
from explorer.runs import Run
from explorer.scored import WIDTH, Source
from explorer.scores import Table
from explorer.types import Credit, PerToken, Rollouts

TIERS = ("logit", "sketch", "tail", "exact")
_COLUMNS = ("variance", "signal", "noise_scale", "snr", "low", "high", "groups")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One tier: the noise of each estimator, and h_p . h'_q of any two of them if it has them.

    `updates` is how many the policy had seen whose gradients these are; None if none was asked, or
    a named one.
    """

    noise: Mapping[str, Noise]
    gram: Callable[[str, str], Gram] | None = None
    updates: int | None = None


def table(
    run: Run,
    step: int,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    tiers: list[str],
    *,
    reference: str | None = None,
    source: Source | None = None,
) -> list[dict[str, Any]]:
    """A row for each tier and estimator; `low` and `high` are the 95 % interval of `snr`.

    Args:
        reference: one of the estimators; `snr_ratio` and `cosine` compare the others with it, by
            the same rollouts (`explorer.paired`). The logit tier has no directions: NaN.
        source: of the gradients.

    Raises:
        ValueError: no such tier, or no policy near the step was kept and none was named.
    """
    rows = []
    for tier in dict.fromkeys(tiers):
        found = measure(run, step, rollouts, credits, tier, source or Source())
        beside = _beside(found, list(credits), reference) if reference else {}
        rows += [
            _row(name, own, found.updates) | beside.get(name, {})
            for name, own in found.noise.items()
        ]
    return rows


def measure(
    run: Run,
    step: int,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    tier: str,
    source: Source,
) -> Measured:
    """One tier. Tokens weigh what they weighed in the run's loss; all alike in another trainer's.

    Raises:
        ValueError: no such tier, or no policy near the step was kept and none was named.
    """
    if tier not in TIERS:
        raise ValueError(f"there is no tier {tier!r}; there are {', '.join(TIERS)}")
    config = kept.config_of(run) or Config(aggregation="token_mean")
    name, settings = config.normaliser
    weights = catalog.run(catalog.load("aggregations", name), rollouts, **settings)
    if tier == "logit":
        return Measured(noise=gradients.logit(rollouts, credits, weights))
    if tier == "sketch":
        stored = scored.table(run, step, rollouts, source, temperature=config.temperature)
        updates = int(text) if (text := stored.made.get("updates")) else None
        return _projected(stored, rollouts, credits, weights, scored.tier(stored), updates)
    updates, policy = kept.sampler(run, step, rollouts, folder=source.policy, device=source.device)
    if tier == "exact":
        return _exact(policy, rollouts, credits, weights, config.temperature, updates)
    last = tail.tail_table(
        policy,
        rollouts,
        width=source.width or WIDTH,
        seed=source.seed,
        temperature=config.temperature,
        progress=source.progress,
    )
    return _projected(last, rollouts, credits, weights, tier, updates)


def width_of(width: int | None, error: float | None, tiers: list[str]) -> int | None:
    """The buckets that were asked for, by their number or by the relative error of a norm.

    The tail's directions err twice as much at the same width.

    Raises:
        ValueError: both are given, or one that makes no table.
    """
    if width is not None and error is not None:
        raise ValueError("--width and --error say the same; leave out one of them")
    if error is not None:
        return scores.width_for(error / 2 if "tail" in tiers else error)
    if width is not None and width < 1:
        raise ValueError(f"a score table needs at least 1 bucket; got {width}")
    return width


def _exact(
    policy: Policy,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    weights: PerToken,
    temperature: float,
    updates: int | None,
) -> Measured:
    pushes = gradients.pushes(rollouts, credits, weights)
    rows = gradients.group_gradients(policy, rollouts, pushes, temperature=temperature)

    @cache
    def gram(a: str, b: str) -> Gram:
        return gradients.products(rows[a], rows[b])

    found = {name: noise(gram(name, name), "exact") for name in credits}
    return Measured(noise=found, gram=gram, updates=updates)


def _projected(
    stored: Table,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    weights: PerToken,
    tier: str,
    updates: int | None,
) -> Measured:
    @cache
    def sums(name: str) -> Tensor:
        push = gradients.pushes(rollouts, {name: credits[name]}, weights)[name]
        return scores.sums(stored, rollouts, push).double()

    return Measured(
        noise=scores.sketch(stored, rollouts, credits, weights, tier=tier),
        gram=lambda a, b: sums(a) @ sums(b).T,
        updates=updates,
    )


def _beside(found: Measured, names: list[str], reference: str) -> dict[str, dict[str, Any]]:
    """What is known of each estimator beside the reference."""
    if found.gram is None:
        nothing = dict.fromkeys(_PAIRED, float("nan"))
        return dict.fromkeys(names, nothing)
    rows = paired.against(found.gram, names, reference)
    return {str(row["estimator"]): {name: row[name] for name in _PAIRED} for row in rows}


def _row(label: str, noise: Noise, updates: int | None) -> dict[str, Any]:
    numbers = dataclasses.asdict(noise)
    return {
        "estimator": label,
        "tier": noise.tier,
        **{name: numbers[name] for name in _COLUMNS},
        "updates": updates,
    }


_PAIRED = tuple(f"{name}{end}" for name in ("cosine", "snr_ratio") for end in ("", "_low", "_high"))
