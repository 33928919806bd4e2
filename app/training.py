"""The form that starts a run: an estimator, how long, and every setting of the trainer."""

import dataclasses
from typing import Any

import streamlit as st

from app import choice, process
from app.controls import changed, controls, widgets
from app.errors import told
from explorer import catalog
from explorer.config import Config
from explorer.knobs import Knob, knobs

UNDER = "train."  # keys of the form's widgets, apart from those that look at a run
FIRST = ("steps", "prompts", "samples", "seed")
# So that every step can be looked at, under estimators that read values too, and its noise often.
WATCHED = {"keep_rollouts_every": 1, "score_share": 0.2, "critic": True}


def form() -> None:
    """Draw the form; a press starts the trainer and turns the page to its run."""
    st.subheader("New run", anchor=False)
    offered = [_watched(knob) for knob in knobs(Config)]
    task = st.selectbox("Task", catalog.names("tasks"), key=UNDER + "task")
    judge = catalog.load("tasks", task)
    known = catalog.names("estimators")
    name = st.selectbox("Estimator", known, known.index(Config.estimator), key=UNDER + "estimator")
    values = widgets([knob for knob in offered if knob.name in FIRST], under=UNDER)
    estimator = catalog.load("estimators", name)
    with st.expander(f"Settings of {name}"):
        values |= changed(estimator, controls(estimator, under=UNDER))
    with st.expander(f"Settings of {task}"):
        values |= changed(judge, controls(judge, under=UNDER))
    with st.expander("Settings of the trainer"):
        values |= widgets([knob for knob in offered if knob.name not in FIRST], under=UNDER)
    title = st.text_input("Name", placeholder=free(name), key=UNDER + "name") or free(name)
    options = {"task": task, "estimator": name, **values}
    if st.button("Start training", type="primary", icon=":material/play_arrow:", width="stretch"):
        with told():
            process.start(choice.folder_of(title), arguments(options))
            choice.go_to(title)


def free(estimator: str) -> str:
    """A name that no run has yet, such as bae-2."""
    taken = {path.stem for path in choice.runs_folder().glob("*")}
    number = 1
    while f"{estimator}-{number}" in taken:
        number += 1
    return f"{estimator}-{number}"


def arguments(options: dict[str, Any]) -> list[str]:
    """The options as words of a command line."""
    return [f"--{name.replace('_', '-')}={_word(value)}" for name, value in options.items()]


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _watched(knob: Knob) -> Knob:
    return dataclasses.replace(knob, default=WATCHED.get(knob.name, knob.default))
