"""Live: a run as it goes, token by token and step by step."""

from pathlib import Path
from typing import Any

import streamlit as st

from app import batch, choice, process, state, tokens, training
from app.curves import curves
from app.errors import told
from explorer.runs import Run, open_run
from explorer.view.curves import learning, variance

EVERY = 1.0  # seconds between looks at a run that goes on


def page() -> None:
    """The page; only the part below the run's name is drawn again while it trains."""
    with st.sidebar:
        name, folder = choice.run()
    with told():
        going = _going(folder)
        # A fragment of one's own for each run, so that no choice is carried to another.
        st.fragment(_watch, run_every=EVERY if going else None)(name, folder, going)
    with st.sidebar, told():
        training.form()


def _going(folder: Path) -> bool:
    """Whether there is something to wait for."""
    if (folder / "run.json").exists():
        return state.active(open_run(folder).status()) or _lives(folder)
    return _lives(folder)


def _lives(folder: Path) -> bool:
    trainer = process.trainer(folder)
    return trainer is not None and trainer.ended() is None


def _watch(name: str, folder: Path, going: bool) -> None:
    with told():
        if _going(folder) != going:
            st.rerun()  # the whole page, so that the timer is set or unset
        if not (folder / "run.json").exists() and (trainer := process.trainer(folder)):
            _starting(name, trainer.ended())
            return
        run = open_run(folder)
        rows = batch.metrics(run)
        state.bar(run, _status(run), rows)
        shown = _tokens(run)
        _curves(run, rows, shown)


def _starting(name: str, ended: str | None) -> None:
    if ended is None:
        st.subheader(name, anchor=False)
        st.progress(0.0, "The trainer starts: it loads the model and draws the first prompts …")
    else:
        raise ValueError(f"The trainer of {name} could not start: {ended}")


def _status(run: Run) -> dict[str, Any]:
    """What the trainer says of itself, or what it said on the way out if it could not."""
    status = run.status()
    trainer = process.trainer(run.folder)
    if trainer and state.active(status) and (ended := trainer.ended()) is not None:
        status |= {"state": "failed", "message": ended or "the trainer ended without a word"}
    return status


def _tokens(run: Run) -> int | None:
    steps = run.steps()
    if not steps:
        st.info("No rollouts are kept yet; the first step writes some.")
        return None
    shown = tokens.step(run, steps)
    at = batch.key(run, shown)
    group, chosen = tokens.choose(run, at)
    tokens.view(run, at, group, chosen, key=f"view.{run.folder}")
    return shown


def _curves(run: Run, rows: list[dict[str, Any]], shown: int | None) -> None:
    measured = dict.fromkeys(name for row in rows for name in row.get("variance") or {})
    hues = {name: place for place, name in enumerate(measured)}
    for title, figure, key in (
        ("Gradient variance", variance(rows, hues, shown), "curves.variance"),
        ("Learning", learning(rows, shown), "curves.learning"),
    ):
        st.subheader(title, anchor=False)
        curves(figure, key=key, on_pick=lambda key=key: _pick(run, key))


def _pick(run: Run, key: str) -> None:
    """Show the step that was clicked in a curve."""
    picked = st.session_state[key].picked
    if picked is not None and (steps := run.steps()):
        tokens.show(picked, steps)
