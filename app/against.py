"""All estimators of one step against its true values: what the page Compare draws, remembered."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app import batch, stored, tier
from app.batch import Entry, Key
from explorer import catalog, compare, kept, nearest, variance
from explorer.noise import Noise
from explorer.reference import reference
from explorer.runs import Run, open_run
from explorer.scored import Source
from explorer.types import Credit, PerToken

SMALL = 2**23  # bytes of a policy whose gradients a page may take: about 2 s for 7,000 tokens
FEW = 20_000  # tokens, likewise
TRUTH = "true_advantage"


@dataclass(frozen=True)
class Measured:
    """The noise of some estimators' gradients, and at which step they were taken."""

    step: int
    noise: dict[str, Noise]


def entries() -> tuple[Entry, ...]:
    """Every estimator with the settings that it begins with."""
    return tuple(Entry(name, name) for name in catalog.names("estimators"))


def credits(at: Key) -> dict[str, Credit]:
    """What each estimator that these rollouts can serve gives them."""
    return {e.label: batch.credit(at, e)[0] for e in _served(at)}


def has_truth(at: Key) -> bool:
    """Whether the true values of this step were measured."""
    return batch.rollouts(at).mc_values is not None


@st.cache_data(max_entries=32, show_spinner=False)
def truth(at: Key) -> PerToken:
    """The true advantage of each token; NaN where it is not known."""
    return reference(batch.rollouts(at))[0]


@st.cache_data(max_entries=16, show_spinner="Comparing with the truth …")
def rows(at: Key) -> list[dict[str, Any]]:
    """Rows of `compare.agreement`."""
    return compare.agreement(batch.rollouts(at), credits(at))


@st.cache_data(max_entries=64, show_spinner=False)
def behind(at: Key, measure: str, scope: str) -> list[dict[str, Any]]:
    """Rows of `nearest.behind`: the nearest one, and which are told apart from it."""
    return nearest.behind(batch.rollouts(at), credits(at), measure, scope=scope)


@st.cache_data(max_entries=32, show_spinner="Taking the gradients of this step …")
def noise(at: Key) -> Measured | None:
    """The noise on these rollouts if their policy is small and at hand, else at the nearest step
    that was measured or has a score table of whole gradients; None if there is none."""
    run = open_run(at.folder)
    if _cheap(run, at):
        given = credits(at)
        found = variance.measure(
            run, at.step, batch.rollouts(at), given, "exact", Source(device="cpu")
        )
        return Measured(at.step, dict(found.noise))
    measured = {row["step"]: row["variance"] for row in batch.metrics(run) if row.get("variance")}
    which = stored.near(at)
    tables = [which.key.step] if which and stored.whole(which) else []
    if not (steps := [*measured, *tables]):
        return None
    step = min(steps, key=lambda other: abs(other - at.step))
    if which and step not in measured:
        return Measured(step, {e.label: stored.noise(which, e) for e in _served(which.key)})
    return Measured(step, {name: _noise(row) for name, row in measured[step].items()})


def how(run: Run, found: Measured) -> str:
    """By which tier it was measured, and on how much."""
    known = found.step in run.steps()
    rollouts = batch.rollouts(batch.key(run, found.step)) if known else None
    return tier.measured(next(iter(found.noise.values())), rollouts)


def _served(at: Key) -> list[Entry]:
    lacking = batch.lacking(at, entries())
    return [entry for entry in entries() if entry.label not in lacking]


def _cheap(run: Run, at: Key) -> bool:
    """Whether the policy of this step is at hand and its gradients take seconds."""
    known = kept.policies(run)
    near = [known[updates] for updates in (at.step - 1, at.step) if updates in known]
    return bool(near) and _size(near[0]) <= SMALL and len(batch.rollouts(at).tokens) <= FEW


def _size(policy: Path) -> int:
    return sum(file.stat().st_size for file in policy.glob("model*.safetensors"))


def _noise(row: dict[str, Any]) -> Noise:
    """A row of metrics, in which what is not a finite number is null."""
    values: dict[str, Any] = {k: math.nan if v is None else v for k, v in row.items()}
    return Noise(**values)
