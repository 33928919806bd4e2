"""The estimators page, on a small run."""

import pytest

from explorer import catalog
from explorer.estimators.grpo import grpo
from explorer.formula import filled
from explorer.runs import open_run
from explorer.view import wire


def names_in(test):
    view = test.get("bidi_component")[0].proto.bytes
    return [e["name"] for e in wire.unpack(view)["estimators"]]


@pytest.mark.parametrize("name", catalog.names("estimators"))
def test_every_estimator_has_its_page(open_page, name):
    test = open_page(f"estimators?run=small&estimator={name}")
    assert not test.exception and not test.error
    assert test.radio(key="estimator").value == name
    assert test.latex or name == "logged"
    assert f"def {name}(" in test.code[0].value
    knobs = {knob.name for knob in catalog.settings(catalog.load("estimators", name))}
    drawn = [*test.toggle, *test.slider, *test.selectbox, *test.radio]
    assert {f"{name}.{knob}" for knob in knobs} <= {widget.key for widget in drawn}


def test_the_formula_has_the_numbers_of_a_token(open_page, runs):
    test = open_page("estimators?run=small&estimator=grpo&step=2&group=1")
    rollouts = open_run(runs / "small").rollouts(2)
    token = int((rollouts.group[rollouts.sample] == 1).nonzero()[0])
    expected = filled(catalog.run(grpo, rollouts), token)
    assert test.latex[-1].value.strip("$\n ") == expected


def test_a_changed_setting_stands_beside_the_default(open_page):
    test = open_page("estimators?run=small&estimator=grpo")
    assert names_in(test) == ["grpo"]
    before = test.latex[-1].value
    test.toggle(key="grpo.divide_by_std").set_value(False).run()
    assert names_in(test) == ["grpo", "grpo, yours"]
    assert test.latex[-1].value != before
    next(b for b in test.button if b.label == "Back to the defaults").click().run()
    assert names_in(test) == ["grpo"]
    assert test.latex[-1].value == before


def test_a_pinned_token_fills_the_formula(open_page, runs):
    test = open_page("estimators?run=small&estimator=grpo&step=1&group=0")
    first = test.latex[-1].value
    rollouts = open_run(runs / "small").rollouts(1)
    mine = rollouts.rewards[rollouts.group == 0]
    other = int((mine != mine[0]).nonzero()[0])
    key = test.get("bidi_component")[0].key
    test.session_state[key] = {"state": {"pins": [{"sample": other, "token": 4}]}}
    test.run()
    assert test.latex[-1].value != first
    assert f"Token 5 of completion {other + 1}" in " ".join(c.value for c in test.caption)


def test_a_reconstruction_is_labelled_and_what_is_missing_is_said(open_page):
    test = open_page("estimators?run=small&estimator=sae")
    assert "reconstruction" in " ".join(m.value for m in test.markdown)
    assert "sae reads 'values', which these rollouts lack" in test.info[0].value
