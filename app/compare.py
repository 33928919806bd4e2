"""Compare: all estimators on one batch, and several runs beside each other."""

from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from app import batch, choice, needs, tokens
from app.batch import Entry
from app.errors import told
from explorer import catalog, readme
from explorer.figures.learning import learning
from explorer.figures.likeness import likeness
from explorer.figures.noise import noise
from explorer.runs import Run, open_run

GRAINS = ("completion", "block", "step", "segment", "token")
QUANTITIES = {
    "accuracy": "Accuracy",
    "reward": "Reward",
    "brier": "Brier score",
    "entropy": "Entropy",
    "kl": "KL from the start",
    "length": "Length",
}
STYLE = """<style>
.map { border-collapse: collapse; width: 100%; line-height: 1.6; }
.map th, .map td { text-align: left; vertical-align: top; padding: 0.45rem 1rem 0.45rem 0; }
.map tr + tr { border-top: 1px solid rgba(128, 128, 128, 0.3); }
.map th { font-weight: 600; }
.map a { color: inherit; text-underline-offset: 3px; text-decoration-color: #8888; }
.map a:hover, .map a:focus { text-decoration-color: currentColor; }
</style>"""


def page() -> None:
    """The page."""
    with st.sidebar:
        name, folder = choice.run()
    _map(name)
    with told():
        run = open_run(folder)
        _batch(run)
    with told():
        _learning(folder)


def _map(run: str) -> None:
    """What each estimator needs to know, from cheap to dear, and how fine its credit is."""
    st.subheader("What credit costs, and how fine it is", anchor=False)
    cells: dict[tuple[str, str], list[str]] = {}
    for name, row in readme.estimators().items():
        reads = catalog.reads(catalog.load("estimators", name))
        costs = "; ".join(needs.costs(reads)) or "nothing more"
        note = escape(f"{row['sentence']} Needs {costs}. Unbiased: {row['unbiased']}.")
        address = escape(f"estimators?{urlencode({'run': run, 'estimator': name})}")
        link = f'<a href="{address}" target="_self" title="{note}">{name}</a>'
        cells.setdefault((row["granularity"], needs.need(reads)), []).append(link)
    head = "".join(f"<th>{need}</th>" for need in ("one number for each", *needs.NEEDS))
    rows = "".join(
        f"<tr><th>{grain}</th>"
        + "".join(f"<td>{'<br>'.join(cells.get((grain, n), []))}</td>" for n in needs.NEEDS)
        for grain in GRAINS
    )
    st.html(f'{STYLE}<table class="map"><tr>{head}</tr>{rows}</table>')


def _batch(run: Run) -> None:
    st.subheader("On one batch", anchor=False)
    steps = run.steps()
    if not steps:
        st.info("This run keeps no rollouts yet.")
        return
    at = tokens.moment(run, steps)
    left, right = st.columns([1.1, 1], gap="large")
    with left, told():
        _agreement(at)
    with right, told():
        _noise(run, at.step)


def _agreement(at: batch.Key) -> None:
    entries = tuple(Entry(name, name) for name in catalog.names("estimators"))
    lacking = batch.lacking(at, entries)
    credits = {e.label: batch.credit(at, e)[0] for e in entries if e.label not in lacking}
    st.plotly_chart(likeness(credits, batch.rollouts(at).mask), key="agreement")
    if lacking:
        with st.expander(f"{len(lacking)} estimators read what these rollouts lack"):
            for sentence in lacking.values():
                st.caption(sentence)


def _noise(run: Run, step: int) -> None:
    measured = [row for row in batch.metrics(run) if row.get("variance")]
    if not measured:
        st.info("No gradient variance has been measured in this run.")
        return
    row = min(measured, key=lambda row: abs(row["step"] - step))
    st.plotly_chart(noise(row["variance"]), key="noise")
    st.caption(
        f"Measured at step {row['step']}, on the same rollouts; 95 % intervals over prompts."
    )


def _learning(folder: Path) -> None:
    st.subheader("Learning curves", anchor=False)
    names = choice.names()
    chosen, quantity = st.columns([3, 1], vertical_alignment="bottom", gap="medium")
    runs = chosen.multiselect("Runs", names, [folder.name] if folder.name in names else names[:1],
                              key="runs", bind="query-params")  # fmt: skip
    key = quantity.selectbox("Quantity", list(QUANTITIES), format_func=QUANTITIES.__getitem__)
    found = {name: [batch.metrics(open_run(choice.folder_of(name)))] for name in runs}
    st.plotly_chart(learning(found, key, QUANTITIES[key]), key="learning")
