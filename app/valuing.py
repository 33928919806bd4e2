"""The button that measures the true values of a step: `explorer truth`, in a process of its own.

It writes a journal in `truth/` of the run folder while it works, from which the page reads how far
it is, and the values with the rollouts when it is done.
"""

import json
import tempfile
from pathlib import Path

import streamlit as st

from app import process
from app.batch import Key
from app.process import Started
from app.state import clock
from explorer import kept
from explorer.runs import open_run

EVERY = 1.0  # seconds between looks at the journal
PLACES = "tokens"  # every one, so that every token has a true advantage
_started: dict[tuple[str, int], Started] = {}  # of this server, for all its pages


def missing(at: Key) -> None:
    """Say that this step has no true values, and offer to measure them."""
    going = running(at)
    with st.container(border=True):
        st.markdown(
            f"**The true values of step {at.step} are not measured yet.** Every state of every "
            "completion is continued 32 times; the mean reward is its value, and the difference "
            "that a token makes to it is its true advantage."
        )
        st.code(f"explorer {' '.join(words(at))}", language=None)
        if going:
            st.fragment(_watch, run_every=EVERY)(at)
        else:
            _offer(at)


def words(at: Key) -> list[str]:
    """The command that measures a step."""
    return ["truth", at.folder, "--step", str(at.step), "--at", PLACES]


def running(at: Key) -> bool:
    """Whether this server is measuring this step."""
    started = _started.get((at.folder, at.step))
    return started is not None and started.ended() is None


def start(at: Key) -> None:
    """Measure a step, unless that is going on already."""
    if not running(at):
        log = Path(tempfile.mkdtemp(prefix="explorer-truth-")) / "log"
        _started[at.folder, at.step] = process.launch(words(at), log)


def progress(at: Key) -> tuple[float, str]:
    """The share that is done and the time that is left, from the journal's last whole line."""
    journals = (Path(at.folder) / "truth").glob(f"step={at.step:06d}-*.jsonl")
    newest = max(journals, key=lambda journal: journal.stat().st_mtime, default=None)
    lines = newest.read_text("utf-8").rpartition("\n")[0].splitlines() if newest else []
    if len(lines) < 2:  # the first says what is measured
        return 0.0, "Loading the policy …"
    row = json.loads(lines[-1])
    return row["step"] / row["steps"], f"{clock(row['eta'])} left"


def _offer(at: Key) -> None:
    run = open_run(at.folder)
    started = _started.get((at.folder, at.step))
    if started and (said := started.ended()):
        st.error(said, icon=":material/error:")
    served = kept.served(run)
    if at.step in served:
        st.button(
            "Measure", icon=":material/play_arrow:", type="primary", on_click=start, args=(at,)
        )
    elif served:
        steps = ", ".join(map(str, served))
        st.caption(f"The policy of this step was not kept; it was for step {steps}.")
    else:
        st.caption("No policy of this run was kept; name one with --policy.")


def _watch(at: Key) -> None:
    """How far it is; the whole page again once it has ended."""
    if not running(at):
        st.rerun()
    share, left = progress(at)
    st.progress(share, left)
