"""What a page shows of a run: a step's rollouts and what estimators give them.

Everything is remembered under the run, the step and the settings, so a page that looks again every
second reads and computes only what is new.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer import catalog
from explorer.catalog import NotMeasured
from explorer.runs import Run, open_run
from explorer.types import Credit, Rollouts, SegmentOfToken

Settings = tuple[tuple[str, Any], ...]  # of one estimator, hashable


@dataclass(frozen=True)
class Entry:
    """An estimator under the name it is shown by, with its settings."""

    label: str
    estimator: str
    settings: Settings = ()


@dataclass(frozen=True)
class Key:
    """Which rollouts: a run made again in the same folder is another run, and rollouts that were
    written again, with true values, are others."""

    folder: str
    created: float
    step: int
    written: float


def key(run: Run, step: int) -> Key:
    """The key of a step's rollouts."""
    folder = run.folder / "rollouts" / f"step={step:06d}"
    written = folder.stat().st_mtime if folder.exists() else 0.0
    return Key(str(run.folder), run.info["created"], step, written)


@st.cache_resource(max_entries=16, show_spinner=False)
def rollouts(at: Key) -> Rollouts:
    """The rollouts of a step."""
    return open_run(at.folder).rollouts(at.step)


@st.cache_resource(max_entries=256, show_spinner=False)
def credit(at: Key, entry: Entry) -> tuple[Credit, SegmentOfToken | None]:
    """What an estimator gives the whole batch, and the cut it used if it works on segments."""
    function = catalog.load("estimators", entry.estimator)
    chosen = dict(entry.settings)
    batch = rollouts(at)
    return catalog.run(function, batch, **chosen), catalog.cut(function, batch, **chosen)


def lacking(at: Key, entries: tuple[Entry, ...]) -> dict[str, str]:
    """For each entry that these rollouts can not serve, the sentence that says why."""
    reasons = {}
    for entry in entries:
        try:
            credit(at, entry)
        except (NotMeasured, ValueError) as error:
            reasons[entry.label] = str(error)
    return reasons


def place(at: Key, group: int, sample: int, token: int) -> int:
    """Where in the whole batch the token of a completion of one prompt stands."""
    batch = rollouts(at)
    samples = (batch.group == group).nonzero().flatten()
    tokens = (batch.sample == samples[min(sample, len(samples) - 1)]).nonzero().flatten()
    return int(tokens[min(token, len(tokens) - 1)])


@st.cache_data(max_entries=4, show_spinner=False)
def _metrics(folder: str, created: float, size: int) -> list[dict[str, Any]]:
    return open_run(folder).metrics()


def metrics(run: Run) -> list[dict[str, Any]]:
    """The rows of metrics.jsonl, read again only when the file has grown."""
    file = run.folder / "metrics.jsonl"
    size = file.stat().st_size if file.exists() else 0
    return _metrics(str(run.folder), run.info["created"], size)
