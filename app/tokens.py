"""The tokens of one prompt's completions under several estimators: what to show, and the view."""

from typing import Any

import streamlit as st

from app import batch
from app.about import about
from app.batch import Entry
from app.controls import changed, controls
from app.token_view import token_view
from explorer import catalog, peers
from explorer.runs import Run

DEFAULT = ("grpo", "bae")


def step(run: Run, steps: list[int]) -> int:
    """Let the reader choose one of the kept steps, or follow the latest."""
    asked = st.query_params.get("step", "")
    if "follow" not in st.session_state:
        st.session_state["follow"] = not asked
        if asked.isdecimal():
            show(int(asked), steps)
    slider, toggle = st.columns([8, 1.6], vertical_alignment="bottom", gap="medium")
    follow = toggle.toggle("Follow latest", key="follow")
    if follow or st.session_state.get("step") not in steps:
        st.session_state["step"] = steps[-1]
    if len(steps) > 1:
        slider.select_slider("Step", steps, key="step", on_change=_stay)
    else:
        slider.caption(f"Rollouts of step {steps[0]} only")
    shown = st.session_state["step"]
    if follow:
        st.query_params.pop("step", None)
    elif asked != str(shown):
        st.query_params["step"] = str(shown)
    return shown


def show(wanted: int, steps: list[int]) -> None:
    """Go to the kept step that is nearest, and stay there."""
    st.session_state["step"] = min(steps, key=lambda k: abs(k - wanted))
    _stay()


def _stay() -> None:
    st.session_state["follow"] = False


def choose(run: Run, at: batch.Key) -> tuple[int, tuple[Entry, ...]]:
    """Let the reader choose a prompt, estimators and their settings."""
    known = catalog.names("estimators")
    own = run.info.get("estimator")
    default = [name for name in dict.fromkeys((*DEFAULT, own)) if name in known]
    prompt, choice, more = st.columns([1.5, 6.5, 1.6], vertical_alignment="bottom", gap="medium")
    with prompt:
        number = group(at)
    names = choice.multiselect("Estimators", known, default, key="estimators", bind="query-params")
    with more.popover("Settings", icon=":material/tune:", width="stretch"):
        return number, tuple(_entry(name) for name in names)


def _entry(name: str) -> Entry:
    function = catalog.load("estimators", name)
    st.markdown(f"**{name}**")
    return Entry(name, name, tuple(changed(function, controls(function)).items()))


def group(at: batch.Key) -> int:
    """Let the reader choose one of the prompts; at first the one whose rewards differ most."""
    rollouts = batch.rollouts(at)
    spread = peers.std(rollouts.rewards, rollouts.group)
    most = int(rollouts.group[spread.argmax()])
    last = int(rollouts.group.max())
    return int(st.number_input("Prompt", 0, last, most, key="group", bind="query-params"))


def view(
    run: Run, at: batch.Key, group: int, chosen: tuple[Entry, ...], key: str
) -> dict[str, Any]:
    """Draw the completions of a prompt, and say which estimators these rollouts can not serve."""
    lacking = batch.lacking(at, chosen)
    for sentence in lacking.values():
        st.info(sentence, icon=":material/block:")
    served = tuple(entry for entry in chosen if entry.label not in lacking)
    if not served:
        st.info("Choose an estimator to see what it gives each token.")
        return {}
    payload = batch.payload(
        at,
        group,
        served,
        notes={entry.label: note(entry) for entry in served},
        blocks=run.info.get("blocks", ()),
        outcomes=run.info.get("outcomes", ()),
    )
    return token_view(payload, key=key)


def note(entry: Entry) -> str:
    """What an estimator says of itself, in one line with its settings."""
    told = about(catalog.load("estimators", entry.estimator))
    settings = ", ".join(f"{k} = {v}" for k, v in entry.settings)
    parts = [told.summary.rstrip("."), settings, "reconstruction" if told.reconstruction else ""]
    return "; ".join(part for part in parts if part)
