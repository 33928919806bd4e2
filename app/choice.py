"""Which run is looked at: the recorded one, one of the folder of runs, or any other by its path."""

import sys
from pathlib import Path

import streamlit as st

import explorer

RECORDED = "recorded"  # the run that comes with the package
_SHIPPED = Path(explorer.__file__).parent / "assets" / "recorded"


def runs_folder() -> Path:
    """Where new runs go: the argument of the app, else ./runs."""
    return Path(sys.argv[1] if len(sys.argv) > 1 else "runs")


def names() -> list[str]:
    """The recorded run, then the runs of the folder, newest first."""
    found = [info.parent for info in runs_folder().glob("*/run.json")]
    found.sort(key=lambda run: (run / "run.json").stat().st_mtime, reverse=True)
    return [RECORDED, *(run.name for run in found)]


def folder_of(name: str) -> Path:
    """The folder of a run by its name, or by its path."""
    if name == RECORDED:
        return _SHIPPED
    inside = runs_folder() / name
    return inside if inside.exists() or Path(name).name == name else Path(name)


def run() -> tuple[str, Path]:
    """Let the reader choose a run or type the path of one: its name and its folder."""
    if "go to" in st.session_state:
        st.session_state["run"] = st.session_state.pop("go to")
    offered = names()
    name = st.selectbox(
        "Run",
        offered,
        key="run",
        accept_new_options=True,
        bind="query-params",
        help="Choose a run, or type the path of any run folder.",
    )
    return name or RECORDED, folder_of(name or RECORDED)


def go_to(name: str) -> None:
    """Turn the page to another run."""
    st.session_state["go to"] = name
    st.rerun()
