"""The tokens of one prompt's completions under several estimators: what to show, and the view."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import address, batch, packed, stored
from app.about import about
from app.batch import Entry
from app.controls import changed, controls
from app.token_view import token_view
from explorer import catalog, options, peers
from explorer.runs import Run

# The first two stand side by side in the text, the others as strips.
DEFAULT = (
    "grpo",
    "bae",
    "true_advantage",
    "rloo",
    "dr_grpo",
    "reinforce_pp",
    "gae",
    "sae",
    "sentence_grpo",
)


def place(run: Run, steps: list[int]) -> tuple[batch.Key, int]:
    """Let the reader choose a prompt, and one of the kept steps or the latest."""
    prompt, rest = st.columns([1.5, 8], vertical_alignment="bottom", gap="medium")
    with rest:
        at = moment(run, steps)
    with prompt:
        return at, _group(at)


def moment(run: Run, steps: list[int]) -> batch.Key:
    """Let the reader choose one of the kept steps, or follow the latest."""
    _from_address(steps)
    for choice in {"follow", "step"} & st.session_state.keys():
        st.session_state[choice] = st.session_state[choice]  # else another page begins anew
    slider, toggle = st.columns([6.2, 1.6], vertical_alignment="bottom", gap="medium")
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
    else:
        address.put("step", str(shown))
    return batch.key(run, shown)


def _from_address(steps: list[int]) -> None:
    """Begin with the step that the address names, if it names one."""
    if "follow" in st.session_state:
        return
    asked = st.query_params.get("step", "")
    st.session_state["follow"] = not asked.isdecimal()
    if asked.isdecimal():
        show(int(asked), steps)


def show(wanted: int, steps: list[int]) -> None:
    """Go to the kept step that is nearest, and stay there."""
    st.session_state["step"] = min(steps, key=lambda k: abs(k - wanted))
    _stay()


def _stay() -> None:
    st.session_state["follow"] = False


def choose(run: Run, at: batch.Key) -> tuple[tuple[Entry, ...], bool]:
    """Let the reader choose estimators and their settings, at first these few that apply;
    and whether to see where the noise sits.

    One that is written with settings, such as gae:lam=0.9, can stand beside itself.
    """
    known = catalog.names("estimators")
    if "estimators" not in st.session_state:
        asked = st.query_params.get_all("estimators") or _applying(run, at)
        st.session_state["estimators"] = [name for name in asked if name]
    choice, where, more = st.columns([6.2, 2, 1.4], vertical_alignment="bottom", gap="medium")
    names = choice.multiselect(
        "Estimators",
        list(dict.fromkeys((*known, *st.session_state["estimators"]))),
        key="estimators",
        accept_new_options=True,
        help="Type one with settings, such as gae:lam=0.9, to see it beside itself.",
    )
    address.put("estimators", *(names or [""]))
    noise = where.toggle(
        "Where the noise sits",
        key="noise",
        bind="query-params",
        help="Beside each advantage, what the token adds to the variance of the batch's gradient.",
    )
    with more.popover("Settings", icon=":material/tune:", width="stretch"):
        return tuple(_entry(name) for name in names), noise


def _applying(run: Run, at: batch.Key) -> list[str]:
    """What is shown at first: the few that these rollouts can serve, and the run's own."""
    rollouts = batch.rollouts(at)
    served = [n for n in DEFAULT if not catalog.missing(catalog.load("estimators", n), rollouts)]
    return [name for name in dict.fromkeys((*served, run.info.get("estimator"))) if name]


def _entry(label: str) -> Entry:
    if ":" in label:
        name, settings = options.estimators(label)[label]
        return Entry(label, name, tuple(settings.items()))
    function = catalog.load("estimators", label)
    st.markdown(f"**{label}**")
    return Entry(label, label, tuple(changed(function, controls(function)).items()))


def _group(at: batch.Key) -> int:
    """Let the reader choose one of the prompts; at first the one whose rewards differ most."""
    rollouts = batch.rollouts(at)
    last = int(rollouts.group.max())
    if "group" not in st.session_state:
        asked = st.query_params.get("group", "")
        spread = peers.std(rollouts.rewards, rollouts.group)
        most = int(rollouts.group[spread.argmax()])
        st.session_state["group"] = int(asked) if asked.isdecimal() else most
    st.session_state["group"] = min(st.session_state["group"], last)
    group = int(st.number_input("Prompt", 0, last, key="group"))
    address.put("group", str(group))
    return group


def view(
    run: Run,
    at: batch.Key,
    group: int,
    chosen: tuple[Entry, ...],
    *,
    key: str,
    state: Mapping[str, Any] | None = None,
    noise: bool = False,
) -> dict[str, Any]:
    """Draw the completions of a prompt, and below which estimators they can not serve.

    `state` is what the view begins with; what the reader made of it comes back. `noise` puts what
    each token adds to the gradient's variance beside its advantage.
    """
    if not chosen:
        st.info("Choose an estimator to see what it gives each token.")
    lacking = batch.lacking(at, chosen)
    served = tuple(entry for entry in chosen if entry.label not in lacking)
    if not served:
        for sentence in lacking.values():
            st.info(sentence, icon=":material/block:")
        return {}
    payload = packed.payload(
        at,
        group,
        served,
        noise=_covering(at, group) if noise else None,
        notes={entry.label: note(entry) for entry in served},
        blocks=run.info.get("blocks", ()),
        outcomes=run.info.get("outcomes", ()),
        state=state,
    )
    made = token_view(payload, key=key)
    for sentence in lacking.values():  # here it moves nothing when the next step has what it lacks
        st.caption(f":material/block: {sentence}")
    return made


def _covering(at: batch.Key, group: int) -> stored.At | None:
    """The step's score table, if it has rows for the prompt."""
    which = stored.at(at)
    if which is None:
        return None
    if group >= (covered := stored.held(which).groups):
        st.info(
            f"The score table of step {at.step} covers prompts 0 to {covered - 1}; choose one of "
            "them to see where its noise sits."
        )
        return None
    return which


def note(entry: Entry) -> str:
    """What an estimator says of itself, in one line with its settings."""
    told = about(catalog.load("estimators", entry.estimator))
    settings = ", ".join(f"{k} = {v}" for k, v in entry.settings)
    parts = [told.summary.rstrip("."), settings, "reconstruction" if told.reconstruction else ""]
    return "; ".join(part for part in parts if part)
