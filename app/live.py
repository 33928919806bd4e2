"""Live: a run as it goes, token by token and step by step."""

from pathlib import Path
from typing import Any

import streamlit as st

from app import batch, choice, process, state, stored, tier, tokens, training
from app.curves import curves
from app.errors import told
from app.noise import noise, parts
from explorer import catalog
from explorer.runs import Run, open_run
from explorer.view.curves import learning, variance

EVERY = 1.0  # seconds between looks at a run that goes on


def page() -> None:
    """The page; only the part below the run's name is drawn again while it trains."""
    with st.sidebar, told():
        name, folder = choice.run()
        training.form()
    with told():
        going = _going(folder)
        # A fragment of one's own for each run, so that no choice is carried to another.
        st.fragment(_watch, run_every=EVERY if going else None)(name, folder, going)


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
        _curves(run, rows, *_tokens(run))


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


def _tokens(run: Run) -> tuple[batch.Key | None, tuple[batch.Entry, ...]]:
    """Draw the tokens; the step that is shown and the estimators that are asked for."""
    steps = run.steps()
    if not steps:
        st.info("No rollouts are kept yet; the first step writes some.")
        return None, ()
    at, group = tokens.place(run, steps)
    chosen: tuple[batch.Entry, ...] = ()
    with told():
        chosen, where = tokens.choose(run, at)
        tokens.view(run, at, group, chosen, key=f"view.{run.folder}", noise=where)
        if where:
            parts(run, at, chosen)
    return at, chosen


def _curves(
    run: Run,
    rows: list[dict[str, Any]],
    at: batch.Key | None,
    chosen: tuple[batch.Entry, ...],
) -> None:
    shown = at.step if at else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Gradient variance", anchor=False, width="stretch")
        every = st.toggle("All estimators", key="all", bind="query-params")
    if at and chosen:
        with told():
            noise(at, chosen)
    drawn = _all(chosen) if every else chosen
    measured = stored.with_tables(run, rows, drawn)
    figure = variance(measured, shown, only=None if every else [one.label for one in drawn])
    curves(figure, key="curves.variance", on_pick=lambda: _pick(run, "curves.variance"))
    if told_by := tier.over(measured, [one.label for one in drawn]):
        st.caption(told_by)
    st.subheader("Learning", anchor=False)
    figure = learning(rows, shown)
    curves(figure, key="curves.learning", on_pick=lambda: _pick(run, "curves.learning"))


def _all(chosen: tuple[batch.Entry, ...]) -> tuple[batch.Entry, ...]:
    others = set(catalog.names("estimators")) - {entry.label for entry in chosen}
    return (*chosen, *(batch.Entry(name, name) for name in sorted(others)))


def _pick(run: Run, key: str) -> None:
    """Show the step that was clicked in a curve."""
    picked = st.session_state[key].picked
    if picked is not None and (steps := run.steps()):
        tokens.show(picked, steps)
