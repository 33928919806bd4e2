"""The noise of several estimators' gradients on the rollouts of one step of a run."""

import dataclasses
from pathlib import Path
from typing import Any

from explorer import catalog, checkpoint, gradients
from explorer.config import Config
from explorer.noise import Noise
from explorer.policy import SHIPPED, load
from explorer.runs import Run
from explorer.types import Credit, Rollouts

TIERS = ("logit", "exact")
_COLUMNS = ("variance", "signal", "noise_scale", "snr", "low", "high", "groups")


def table(
    run: Run,
    step: int,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    tiers: list[str],
    *,
    policy: Path | None = None,
    device: str = "auto",
) -> list[dict[str, Any]]:
    """A row for each tier and estimator; `low` and `high` are the 95 % interval of `snr`.

    Tokens weigh what they weighed in the run's loss. The exact tier takes the gradients of the
    policy that sampled or of the one an update later, or those of `policy`; `updates` is how many
    the policy had seen, None where none was asked or a named one.

    Raises:
        ValueError: no such tier, or no policy near the step was kept and none was named.
    """
    if unknown := [tier for tier in tiers if tier not in TIERS]:
        raise ValueError(f"there is no tier {unknown[0]!r}; there are {', '.join(TIERS)}")
    stored = run.info.get("config")
    config = Config(**stored) if stored else Config(aggregation="token_mean")
    name, settings = config.normaliser
    weights = catalog.run(catalog.load("aggregations", name), rollouts, **settings)
    rows = []
    if "logit" in tiers:
        found = gradients.logit(rollouts, credits, weights)
        rows += [_row(label, noise, None) for label, noise in found.items()]
    if "exact" in tiers:
        updates, folder = (None, policy) if policy else _kept(run, step, config)
        loaded = load(folder, device=device)
        found = gradients.exact(loaded, rollouts, credits, weights, temperature=config.temperature)
        rows += [_row(label, noise, updates) for label, noise in found.items()]
    return rows


def _kept(run: Run, step: int, config: Config) -> tuple[int, Path]:
    """The policy with step - 1 updates, which sampled, or the next one, if it was kept."""
    start = SHIPPED if config.policy == "shipped" else Path(config.policy)
    kept = [(0, start), *filter(None, [checkpoint.latest(run.folder)])]
    near = [(updates, folder) for updates, folder in kept if updates in (step - 1, step)]
    if not near:
        raise ValueError(
            f"no policy was kept near step {step}, only after "
            f"{' and '.join(str(updates) for updates, _ in kept)} updates; "
            "name one with --policy, or take --tiers logit"
        )
    return near[0]


def _row(label: str, noise: Noise, updates: int | None) -> dict[str, Any]:
    numbers = dataclasses.asdict(noise)
    return {
        "estimator": label,
        "tier": noise.tier,
        **{name: numbers[name] for name in _COLUMNS},
        "updates": updates,
    }
