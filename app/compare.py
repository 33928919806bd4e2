"""Compare: all estimators on one batch, and several runs beside each other."""

from collections.abc import Callable

import streamlit as st

from app import address, against, batch, choice, stored, tier, tokens
from app.batch import Key
from app.errors import told
from app.learnt import confidence, curves
from app.nearness import nearness
from explorer.figures.likeness import likeness
from explorer.figures.noise import noise
from explorer.figures.over_training import QUANTITIES as NOISE
from explorer.figures.over_training import over_training
from explorer.runs import Run, open_run


def page() -> None:
    """The page."""
    with st.sidebar:
        _, folder = choice.run()
    above = st.container()  # filled last, for its gradients can take seconds
    st.subheader("Learning curves", anchor=False)
    with told():
        curves(folder)
    with above, told():
        _against(open_run(folder))


def _against(run: Run) -> None:
    """All estimators on the rollouts of one step, one question at a time."""
    st.subheader("On one batch", anchor=False)
    steps = run.steps()
    if not steps:
        st.info("This run keeps no rollouts yet.")
        return
    at = tokens.moment(run, steps)
    asked = st.segmented_control("Question", list(QUESTIONS), default=FIRST, required=True,
                                 key="question", bind="query-params",
                                 label_visibility="collapsed")  # fmt: skip
    with told():
        QUESTIONS[asked or FIRST](run, at)


def _noisy(run: Run, at: Key) -> None:
    found = against.noise(at)
    if found is None:
        st.info("No gradient variance has been measured in this run.")
        return
    left, right = st.columns([1, 1.15], gap="large")
    with left:
        st.plotly_chart(noise({k: vars(v) for k, v in found.noise.items()}), key="noise")
        st.caption(
            f"Step {found.step}; {against.how(run, found)}; 95 % intervals over prompts. To the "
            "right is better; an interval that holds 0 has seen no signal."
        )
    with right:
        _noise_so_far(run)


def _noise_so_far(run: Run) -> None:
    rows = stored.with_tables(run, batch.metrics(run), against.entries())
    known = sorted({name for row in rows for name in row.get("variance") or ()})
    if not known:
        return
    one, two = st.columns([1.2, 1], gap="medium")
    own = str(run.info.get("estimator"))
    address.some("noisy", known, [name for name in dict.fromkeys(("grpo", own)) if name in known])
    names = one.multiselect("Estimators", known, key="noisy")
    address.put("noisy", *(names or [""]))
    quantity = two.selectbox("Noise", list(NOISE), format_func=NOISE.__getitem__, key="quantity",
                             bind="query-params")  # fmt: skip
    st.plotly_chart(over_training(rows, names, quantity), key="over")
    st.caption(tier.over(rows, names))


def _alike(run: Run, at: Key) -> None:
    lacking = batch.lacking(at, against.entries())
    st.plotly_chart(likeness(against.credits(at), batch.rollouts(at).mask), key="likeness")
    st.caption(
        "Blue push the same tokens the same way, vermillion the other way; white is neither."
    )
    if lacking:
        with st.expander(f"{len(lacking)} estimators read what these rollouts lack"):
            for sentence in lacking.values():
                st.caption(sentence)


def _sure(run: Run, at: Key) -> None:
    confidence(at)


QUESTIONS: dict[str, Callable[[Run, Key], None]] = {
    "Nearest to the truth": nearness,
    "Noise": _noisy,
    "Alike": _alike,
    "Confidence": _sure,
}
FIRST = next(iter(QUESTIONS))
