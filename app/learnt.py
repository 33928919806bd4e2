"""What runs have learnt: curves of several of them, seeds together, and reliability on one step."""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from app import batch, choice
from app.batch import Key
from explorer import calibration
from explorer.figures.learning import learning
from explorer.figures.reliability import reliability
from explorer.runs import Run, open_run

QUANTITIES = {
    "accuracy": "Accuracy",
    "reward": "Reward",
    "brier": "Brier score",
    "ece": "Calibration error",
    "entropy": "Entropy",
    "kl": "KL from the start",
    "length": "Length",
}


def curves(folder: Path) -> None:
    """Let the reader choose runs and a quantity, and draw it over the training steps."""
    names = choice.names()
    chosen, quantity, switch = st.columns([3, 1.2, 1.2], vertical_alignment="bottom", gap="medium")
    mine = [folder.name] if folder.name in names else names[:1]
    runs = chosen.multiselect("Runs", names, mine, key="runs", bind="query-params")
    key = quantity.selectbox("Quantity", list(QUANTITIES), format_func=QUANTITIES.__getitem__,
                             key="curve", bind="query-params")  # fmt: skip
    together = switch.toggle("Seeds together", key="together", bind="query-params",
                             help="Runs that differ in their seed only become one line, their "
                             "mean, with a band: its 95 % interval over seeds.")  # fmt: skip
    found = {name: open_run(choice.folder_of(name)) for name in runs}
    lines = {
        label: [batch.metrics(found[name]) for name in mine]
        for label, mine in grouped(found, together).items()
    }
    st.plotly_chart(learning(lines, key, QUANTITIES[key]), key="learning")


def grouped(runs: dict[str, Run], together: bool) -> dict[str, list[str]]:
    """Names of runs by the name of their line: one run, or all that differ in their seed only.

    A line of several is called by its estimator; where two are, by the first run of each too.
    """
    alike: dict[str, list[str]] = {}
    for name, run in runs.items():
        alike.setdefault(_but_the_seed(run.info) if together else name, []).append(name)
    titles = [str(runs[names[0]].info.get("estimator")) for names in alike.values()]
    found = {}
    for names, title in zip(alike.values(), titles, strict=True):
        label = f"{title}, as {names[0]}" if titles.count(title) > 1 else title
        found[label if len(names) > 1 else names[0]] = names
    return found


def confidence(at: Key) -> None:
    """Draw how often stated confidences are right on one step, if any were stated."""
    rollouts = batch.rollouts(at)
    if rollouts.confidence is None or rollouts.correct is None:
        st.info("The completions of this run state no confidence.")
        return
    correct = rollouts.correct.to(rollouts.confidence)
    rows = calibration.reliability(rollouts.confidence, correct)
    if not rows:
        st.info(f"No completion of step {at.step} states a confidence.")
        return
    chart, told = st.columns([1.6, 1], gap="large", vertical_alignment="center")
    chart.plotly_chart(reliability(rows), key="reliability")
    error = calibration.ece(rollouts.confidence, correct)
    told.caption(
        f"Step {at.step}: on the dashed line a confidence is true, below it the policy is too "
        f"sure. Numbers are completions, lines 95 % intervals; the mean gap is {error:.3f}."
    )


def _but_the_seed(info: dict[str, Any]) -> str:
    config = {k: v for k, v in info.get("config", {}).items() if k != "seed"}
    return json.dumps([info.get("task"), info.get("estimator"), config], sort_keys=True)
