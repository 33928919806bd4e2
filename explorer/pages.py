"""The page that each command writes if it is asked for one: its rows, and figures of them."""

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from explorer import printed, report, strict
from explorer.figures.agreement import agreement
from explorer.figures.noise import noise
from explorer.figures.over_training import over_training
from explorer.figures.plane import plane
from explorer.figures.scatter import scatter
from explorer.figures.trajectories import trajectories
from explorer.nearest import behind
from explorer.reference import Of, reference
from explorer.runs import Run
from explorer.types import Credit, Rollouts

Row = dict[str, Any]
_HALF = "Behind ± stands half of a 95 % interval over prompts."


def truth(path: Path, run: Run, step: int, rows: Sequence[Row]) -> None:
    """True values: how well they are known, and how they move along the completions."""
    report.write(
        path,
        rows,
        [(trajectories(run.rollouts(step)), _legend(trajectories))],
        title=f"True values of {_name(run)}, step {step}",
        note="Means over the distinct states; sem is the standard error of one of them.",
    )


def compare(
    path: Path,
    run: Run,
    step: int,
    rows: Sequence[Row],
    *,
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    of: Of,
) -> None:
    """Estimators beside the truth: their agreement, and the nearest one token by token."""
    figures = []
    for scope in dict.fromkeys(row["scope"] for row in rows):
        near = [row for row in behind(rollouts, credits, scope=scope, of=of) if not row["apart"]]
        drawn = agreement(rows, "pearson", scope, [row["estimator"] for row in near])
        drawn.update_layout(title_text=f"Pearson correlation, {scope}")
        figures.append((drawn, _legend(agreement)))
    fair = [row for row in rows if not row["shares_errors"] and not math.isnan(row["pearson"])]
    if fair:
        name = max(fair, key=lambda row: row["pearson"])["estimator"]
        target, _ = reference(rollouts, of)
        drawn = scatter(
            credits[name].advantage, target, name=name, scaled=True, pieces=rollouts.pieces
        )
        figures.append((drawn, _legend(scatter)))
    noisy = [row for row in rows if row.get("variance") is not None]
    if noisy:
        figures.append((plane(noisy), _legend(plane)))
    whose = "the reward" if of == "reward" else "each token's own block"
    report.write(
        path,
        printed.folded(list(rows)),
        figures,
        title=f"Estimators against the truth: {_name(run)}, step {step}",
        note=f"Against the true advantage by {whose}. {_HALF}",
    )


def variance(path: Path, run: Run, step: int, rows: Sequence[Row]) -> None:
    """The noise of the gradient under each estimator, here and over training."""
    figures = []
    for tier in dict.fromkeys(row["tier"] for row in rows):
        here = {r["estimator"]: strict.finite(r) for r in rows if r["tier"] == tier}
        if any(row["snr"] is not None for row in here.values()):
            drawn = noise(here).update_layout(title_text=f"Signal to noise of the gradient, {tier}")
            figures.append((drawn, _legend(noise)))
    names = list(dict.fromkeys(row["estimator"] for row in rows))
    metrics = run.metrics()
    told = [name for name in names if any(name in (m.get("variance") or {}) for m in metrics)]
    if told:
        drawn = over_training(metrics, told, "snr")
        drawn.update_layout(title_text="Signal to noise of the gradient, over training")
        figures.append((drawn, _legend(over_training)))
    report.write(
        path,
        printed.folded(list(rows), {"snr": ("low", "high")}),
        figures,
        title=f"Noise of the gradient: {_name(run)}, step {step}",
        note="Signal is unbiased and so can be negative; the noise scale counts prompts. " + _HALF,
    )


def _legend(figure: Callable[..., Any]) -> str:
    """The docstring of a figure is its legend, but for equations and what a caller has to know."""
    parts = (inspect.getdoc(figure) or "").partition("\nArgs:")[0].split("\n\n")
    words = " ".join(" ".join(part.split()) for part in parts if not part.startswith("    "))
    sentences = re.split(r"(?<=[.;]) (?=[A-Z`])", words)
    return " ".join(s for s in sentences if not s.startswith("`rows`")).replace("`", "")


def _name(run: Run) -> str:
    return run.folder.resolve().name
