"""Notebook widgets for every setting of every leaf."""

from dataclasses import replace

import ipywidgets
import pytest

from explorer import catalog
from explorer.estimators.gae import gae
from explorer.knobs import Knob
from notebooks.controls import Controls, widget

KINDS = ("estimators", "segmenters", "objectives", "tasks")
LEAVES = [(kind, name) for kind in KINDS for name in catalog.names(kind)]


@pytest.mark.parametrize(("kind", "name"), LEAVES)
def test_untouched_widgets_give_the_defaults(kind, name):
    function = catalog.load(kind, name)
    defaults = {knob.name: knob.default for knob in catalog.settings(function)}
    assert Controls(function).settings == defaults


@pytest.mark.parametrize(("kind", "name"), LEAVES)
def test_whatever_a_widget_offers_is_valid(kind, name):
    for knob in catalog.settings(catalog.load(kind, name)):
        drawn = widget(knob)
        if knob.slider:
            assert (drawn.min, drawn.max) == (
                min(knob.slider.low, knob.default),
                max(knob.slider.high, knob.default),
            )
            assert knob.slider.step in (None, drawn.step)
            knob.check(drawn.min)
            knob.check(drawn.max)
        for option in knob.options:
            drawn.value = knob.check(option)


def test_each_kind_of_setting_has_its_widget():
    kinds = {knob.name: type(widget(knob)) for knob in catalog.settings(gae)}
    assert kinds["lam"] is ipywidgets.FloatSlider
    assert kinds["whiten"] is ipywidgets.Checkbox
    terms = next(k for k in catalog.settings(catalog.load("tasks", "chain")) if k.name == "terms")
    assert type(widget(terms)) is ipywidgets.IntSlider
    assert type(widget(Knob("kind", "a", "", options=("a", "b")))) is ipywidgets.Dropdown
    assert type(widget(Knob("pattern", ";", ""))) is ipywidgets.Text


def test_a_turned_knob_is_heard_and_a_reset_is_heard_once():
    panel = Controls(gae)
    defaults, heard = panel.settings, []
    panel.observe(lambda change: heard.append(change["new"]), "settings")
    panel.drawn["lam"].value = 0.5
    assert heard == [defaults | {"lam": 0.5}]
    panel.drawn["whiten"].value = True
    panel.children[-1].click()
    assert heard[2:] == [defaults]


def test_what_a_setting_means_stands_beside_it_as_text():
    knob = replace(catalog.settings(gae)[0], help="0 < gamma, <b>always</b>")
    assert widget(knob).tooltip == knob.help

    def leaf(*, on: bool = True) -> None:
        """Nothing.

        Args:
            on: a < b
        """

    assert "a &lt; b" in Controls(leaf).children[0].children[1].value
