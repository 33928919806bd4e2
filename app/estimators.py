"""Estimators: what each one says, what it reads, and what its settings do to real tokens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from app import batch, choice, tokens
from app.about import About, about
from app.batch import Entry
from app.controls import changed, controls, reset
from app.errors import told
from app.noise import noise
from app.overview import overview
from app.typeset import latex
from explorer import catalog, formula, needs
from explorer.needs import Place
from explorer.runs import Run, open_run


def page() -> None:
    """The page: the list in the sidebar, then what the chosen one says and does."""
    with st.sidebar:
        run, folder = choice.run()
        known = catalog.names("estimators")
        chosen = "estimator" in st.query_params
        name = st.radio("Estimator", known, key="estimator", bind="query-params")
    overview(run, opened=not chosen)
    with told():
        _estimator(name, folder)


def _estimator(name: str, folder: Path) -> None:
    function = catalog.load("estimators", name)
    facts = about(function)
    _head(name, facts)
    with st.container(key="says"):
        text, side = st.columns([1.9, 1], gap="large")
    with text:
        _docstring(facts)
        with st.expander(facts.path, icon=":material/code:"):
            st.code(facts.file.read_text(encoding="utf-8"), language="python")
    with side:
        chosen = _settings(function)
    run = open_run(folder)
    st.subheader("On these completions", anchor=False)
    steps = run.steps()
    if not steps:
        st.info("This run keeps no rollouts yet.")
        return
    at, group = tokens.place(run, steps)
    _effect(run, at, group, function, chosen)


def _head(name: str, facts: About) -> None:
    st.header(facts.title, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(name, color="blue")
        if facts.reconstruction:
            st.badge("reconstruction", icon=":material/architecture:", color="orange",
                     help="Not every formula could be checked against the paper.")  # fmt: skip
        if place := {place.name: place for place in needs.places()}.get(name):
            _place(place)
        source = facts.source
        if facts.link:
            source += f"  ·  [arXiv:{facts.arxiv}]({facts.link})"
        st.caption(source)


def _place(place: Place) -> None:
    """Where it stands on the map."""
    st.badge(f"one number for each {place.granularity}", color="gray")
    passes = f", {place.passes}" if place.passes != "0" else ""
    st.badge(f"needs {place.need}{passes}", color="gray", help=place.why or None)
    st.badge(f"unbiased: {place.unbiased}", color="gray")


def _docstring(facts: About) -> None:
    st.markdown(f"**{facts.summary}**")
    for kind, content in facts.body:
        if kind == "equation":
            st.latex(latex(content))
        else:
            st.markdown(content)


def _settings(function: Callable[..., Any]) -> dict[str, Any]:
    with st.container(border=True):
        st.markdown("**Settings**")
        chosen = controls(function)
        if not chosen:
            st.caption("It has none.")
        elif changed(function, chosen):
            st.button(
                "Back to the defaults", icon=":material/undo:", on_click=reset, args=(function,)
            )
        reads = " ".join(f":gray-badge[{field}]" for field in catalog.reads(function))
        st.markdown(f"**Reads**  \n{reads}")
    return changed(function, chosen)


def _effect(
    run: Run, at: batch.Key, group: int, function: Callable[..., Any], chosen: dict[str, Any]
) -> None:
    """One prompt under the defaults and under the reader's settings, on one scale."""
    name = function.__name__
    mine = Entry(f"{name}, yours", name, tuple(chosen.items()))
    pair = (Entry(name, name), mine) if chosen else (Entry(name, name),)
    noise(at, pair)
    key = f"effect.{run.folder}.{name}.{len(pair)}"
    state = tokens.view(run, at, group, pair, key=key, state={"scope": "all"})
    _formula(at, group, pair, state)


def _formula(at: batch.Key, group: int, pair: tuple[Entry, ...], state: dict[str, Any]) -> None:
    """The formula with the numbers of the token that is pinned in the view, else of the first."""
    if batch.lacking(at, pair):
        return
    pins = state.get("pins") or [{"sample": 0, "token": 0}]
    sample, token = int(pins[-1]["sample"]), int(pins[-1]["token"])
    place = batch.place(at, group, sample, token)
    pieces = batch.rollouts(at).pieces
    text = pieces[place] if pieces else ""
    st.subheader("For one token", anchor=False)
    st.caption(
        f"Token {token + 1} of completion {sample + 1}: `{text!r}`. A click pins another one."
    )
    for column, entry in zip(st.columns(len(pair)), pair, strict=True):
        given, _ = batch.credit(at, entry)
        with column:
            st.caption(entry.label)
            st.latex(formula.filled(given, place))
