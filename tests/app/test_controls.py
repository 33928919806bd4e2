"""Widgets for every setting of every leaf that the app draws."""

import pytest
from streamlit.testing.v1 import AppTest

from app.controls import changed
from explorer import catalog
from explorer.estimators.gae import gae

LEAVES = [(kind, name) for kind in ("estimators", "tasks") for name in catalog.names(kind)]
PAGE = """
import streamlit as st
from app.controls import controls
from explorer import catalog
st.session_state["chosen"] = controls(catalog.load({kind!r}, {name!r}))
"""


@pytest.mark.parametrize(("kind", "name"), LEAVES)
def test_untouched_widgets_give_the_defaults(kind, name):
    test = AppTest.from_string(PAGE.format(kind=kind, name=name), default_timeout=60).run()
    assert not test.exception
    knobs = catalog.settings(catalog.load(kind, name))
    assert test.session_state["chosen"] == {knob.name: knob.default for knob in knobs}


def test_only_what_is_not_default_is_changed():
    defaults = {knob.name: knob.default for knob in catalog.settings(gae)}
    assert changed(gae, defaults) == {}
    assert changed(gae, defaults | {"lam": 0.5}) == {"lam": 0.5}


def test_an_invalid_value_in_the_address_is_ignored():
    test = AppTest.from_string(PAGE.format(kind="estimators", name="gae"), default_timeout=60)
    test.query_params["gae.lam"] = "7"
    test.run()
    assert not test.exception
    assert test.session_state["chosen"]["lam"] == 0.95
