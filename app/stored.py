"""Score tables of a run, held in memory, and what is read off them for any estimator and setting.

Nothing here needs a policy: credit, sums of rows, noise. All of it is remembered under the run, the
step, the table and the settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from app import batch
from app.batch import Entry, Key
from explorer import catalog, gradients, kept, paired, scorefile, scores, strict
from explorer.config import Config
from explorer.contributions import Contributions, contributions
from explorer.noise import Noise
from explorer.paired import Estimate
from explorer.runs import Run, open_run
from explorer.scores import Sums, Table
from explorer.types import Credit, PerToken

HELD = 2**24  # numbers of a table that stay in memory; a larger one is read as it is needed
STEPS = 12  # tables that a curve is drawn from
NOTE = (
    "what this token adds to the variance of the batch's gradient, 1 is the average token; the "
    "deeper the purple the more, grey takes noise away"
)


@dataclass(frozen=True)
class At:
    """Which table: one written again is another one."""

    key: Key
    written: int


@dataclass(frozen=True, eq=False)
class Held:
    """A table, and what its maker says of it."""

    table: Table
    made: Mapping[str, str]
    groups: int  # prompts that it covers
    batch: int  # prompts there are


def at(key: Key) -> At | None:
    """The table of a step, if it has one."""
    path = scorefile.path_of(Path(key.folder), key.step)
    return At(key, path.stat().st_mtime_ns) if path.exists() else None


def near(key: Key) -> At | None:
    """The table of a step, or that of the step nearest to it that has one."""
    run = open_run(key.folder)
    known = sorted(steps(run), key=lambda step: abs(step - key.step))
    return at(batch.key(run, known[0])) if known else None


def steps(run: Run) -> list[int]:
    """The kept steps that have a table."""
    return [step for step in run.steps() if scorefile.path_of(run.folder, step).exists()]


@st.cache_resource(max_entries=STEPS, show_spinner=False)
def held(which: At) -> Held:
    """The table."""
    stored = scorefile.read(scorefile.path_of(Path(which.key.folder), which.key.step))
    tokens, width = stored.shape
    rollouts = batch.rollouts(which.key)
    known = scores.covered(stored, rollouts)
    return Held(
        table=stored[0:tokens] if tokens * width <= HELD else stored,
        made=stored.made,
        groups=int(rollouts.group[rollouts.sample][known].max()) + 1,
        batch=int(rollouts.group.max()) + 1,
    )


def noise(which: At, entry: Entry) -> Noise:
    """The noise of the batch's gradient under an estimator with its settings."""
    return _noise(which, entry.estimator, entry.settings)


@st.cache_resource(max_entries=4096, show_spinner=False)
def _noise(which: At, estimator: str, settings: batch.Settings) -> Noise:
    table = held(which)
    found = sums(which, Entry(estimator, estimator, settings))
    return scores.projected(found, table.made.get("tier", "sketch"), batch=table.batch)


def sums(which: At, entry: Entry) -> Sums:
    """The projected gradients of the prompts under an estimator with its settings."""
    return scores.sums(held(which).table, batch.rollouts(which.key), _push(which.key, entry))


def beside(which: At, entry: Entry, reference: Entry) -> tuple[Estimate, float]:
    """Signal to noise over that of the reference, and the cosine of the two updates that this very
    batch makes: it says how far one turns from the other, not how far the expected ones do."""
    own, base = (sums(which, one).double() for one in (entry, reference))
    cosine = torch.cosine_similarity(own.mean(0), base.mean(0), dim=0)
    return paired.snr_ratio(own @ own.T, base @ base.T), float(cosine)


@st.cache_resource(max_entries=64, show_spinner=False)
def parts(which: At, entry: Entry) -> Contributions:
    """What each token adds to the variance under an estimator with its settings."""
    push = _push(which.key, entry)
    return contributions(held(which).table, batch.rollouts(which.key), push)


def strip(which: At, entry: Entry) -> Credit:
    """The same for the view, in units of what a token of the table adds on average: 1 is average,
    below 0 a token takes noise away."""
    found = parts(which, entry)
    average = float(found.whole[found.known].mean())
    whole = found.whole.where(found.known, 0.0)
    return Credit(target=whole, baseline=torch.zeros_like(whole), scale=average or 1.0)


def with_tables(
    run: Run, rows: list[dict[str, Any]], entries: tuple[Entry, ...]
) -> list[dict[str, Any]]:
    """Rows of metrics, with the noise that tables tell: of the entries under their settings, at
    the last `STEPS` steps that have one.

    What the trainer measured is of the defaults, so it is left out where a setting was changed; a
    table of another kind of gradient is left out where the trainer measured.
    """
    changed = {entry.label for entry in entries if entry.settings and ":" not in entry.label}
    by_step = {row["step"]: dict(row.get("variance") or {}) for row in rows}
    for measured in by_step.values():
        for label in changed & measured.keys():
            del measured[label]
    alone = not any(by_step.values())
    for step in steps(run)[-STEPS:]:
        which = at(key := batch.key(run, step))
        if which is None or not (alone or whole(which)):
            continue
        lacking = batch.lacking(key, entries)
        served = [entry for entry in entries if entry.label not in lacking]
        told = {entry.label: strict.finite(vars(noise(which, entry))) for entry in served}
        by_step[step] = told | by_step.get(step, {})
    return [{"step": step, "variance": own} for step, own in sorted(by_step.items())]


def whole(which: At) -> bool:
    """Whether the table is of whole gradients, measured as backward passes measure them."""
    made = held(which).made
    return made.get("tier", "sketch") == "sketch" and made.get("metric", "plain") == "plain"


def _push(key: Key, entry: Entry) -> PerToken:
    given, _ = batch.credit(key, entry)
    credits = {entry.label: given}
    return gradients.pushes(batch.rollouts(key), credits, _coefficients(key))[entry.label]


@st.cache_resource(max_entries=16, show_spinner=False)
def _coefficients(key: Key) -> Tensor:
    """What each token weighs in the run's loss; all alike where another trainer made the run."""
    config = kept.config_of(open_run(key.folder)) or Config(aggregation="token_mean")
    name, settings = config.normaliser
    return catalog.run(catalog.load("aggregations", name), batch.rollouts(key), **settings)
