"""What a reader chose, in the page's address: whoever opens it sees the same.

A choice that begins otherwise on another step or run always stands there, for what it would begin
with says nothing of what was seen. Of the token view one parameter, `view`, holds the part of its
state that is not as it begins, as JSON. An address can come from anywhere: one that can not be read
is ignored, and the view itself leaves out what is no state of its (`known` in state.js).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

LONGEST = 2000  # characters; a browser's address ends somewhere
USUAL = {  # as the view begins; `step`, `follow` and `paused` are the page's
    "granularity": "token",
    "how": "sum",
    "scope": "estimator",
    "limit": 1,
    "lanes": "stratum",
    "only": None,
    "pins": [],
    "sample": None,
    "token": 0,
    "palette": "vermillion and blue",
    "marks": True,
    "segments": True,
    "whitespace": False,
    "expanded": [],
}
ALWAYS = ("a", "b", "split")


def written(state: Mapping[str, Any]) -> str:
    """A state as it stands in the address; empty if it would be too long to stand there."""
    kept = {k: state[k] for k in ALWAYS if k in state}
    kept |= {k: state[k] for k, usual in USUAL.items() if state.get(k, usual) != usual}
    text = json.dumps(kept, separators=(",", ":"))
    return text if len(text) <= LONGEST else ""


def read(text: str) -> dict[str, Any]:
    """The state that an address names; {} where it names none."""
    try:
        # A second look, since 1e999 and NaN are numbers to this reader and not to a browser's.
        state = json.loads(json.dumps(json.loads(text[:LONGEST]), allow_nan=False))
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in state.items() if k in {*ALWAYS, *USUAL}} if type(state) is dict else {}


def begun(key: str) -> dict[str, Any]:
    """The state that the address named when this session first showed the view."""
    return st.session_state.setdefault(f"{key}.begun", read(st.query_params.get("view", "")))


def put(name: str, *values: str) -> None:
    """Put a choice into the address; one that stands there is left alone, for each is a message."""
    if st.query_params.get_all(name) != list(values):
        st.query_params[name] = list(values)


def one(name: str, options: Sequence[str], usual: str) -> None:
    """Let the widget of a choice begin with what the address names, if that is on offer."""
    if st.session_state.get(name) not in options:
        asked = st.query_params.get(name)
        st.session_state[name] = asked if asked in options else usual


def some(name: str, options: Sequence[str], usual: Sequence[str]) -> None:
    """The same for a choice of several; an address can name none of them, too."""
    asked = st.session_state.get(name, st.query_params.get_all(name))
    known = [option for option in asked if option in options]
    begun = name in st.session_state or asked == [""]
    st.session_state[name] = known if known or begun else list(usual)


def keep(state: Mapping[str, Any]) -> None:
    """Put what the reader chose into the address; before the first choice it stays as it was."""
    if state and (text := written(state)) and st.query_params.get("view") != text:
        st.query_params["view"] = text
