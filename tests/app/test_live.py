"""The live page, on a small run."""

import json
from urllib.parse import urlencode

import made
import pytest

from explorer.runs import open_run
from explorer.view import wire


def payload_of(test, which=0):
    return test.get("bidi_component")[which].proto.bytes


def header_of(test):
    return wire.unpack(payload_of(test))


def test_the_last_step_is_shown_under_the_estimators_it_can_serve(open_page):
    test = open_page("live?run=small")
    assert not test.exception and not test.error
    header = header_of(test)
    assert header["step"] == 3
    shown = [e["name"] for e in header["estimators"]]
    assert shown[:2] == ["grpo", "bae"]
    assert "gae" not in shown  # without a critic
    assert len(header["lengths"]) == made.SAMPLES
    assert header["names"]["outcomes"] == ["wrong", "right"]


def test_the_recorded_run_is_there_at_once(open_page):
    test = open_page("live")
    assert not test.exception and not test.error
    assert test.selectbox(key="run").value == "recorded"
    shown = [e["name"] for e in header_of(test)["estimators"]]
    assert shown[:5] == ["grpo", "bae", "true_advantage", "rloo", "dr_grpo"]
    assert shown[5:] == ["reinforce_pp", "gae", "sae", "sentence_grpo"]


def test_a_permalink_names_run_step_prompt_estimators_and_settings(open_page, runs):
    test = open_page("live?run=small&step=2&group=1&estimators=grpo&grpo.divide_by_std=false")
    header = header_of(test)
    assert header["step"] == 2
    assert header["prompts"] == [open_run(runs / "small").rollouts(2).prompts[1]]
    assert header["groups"] == [1]
    assert [e["name"] for e in header["estimators"]] == ["grpo"]
    assert "divide_by_std = False" in header["estimators"][0]["note"]
    assert test.toggle(key="follow").value is False


def test_a_setting_changes_what_the_view_gets(open_page):
    test = open_page("live?run=small&estimators=grpo")
    before = payload_of(test)
    test.toggle(key="grpo.divide_by_std").set_value(False).run()
    assert payload_of(test) != before
    test.toggle(key="grpo.divide_by_std").set_value(True).run()
    assert payload_of(test) == before


def test_following_the_latest_goes_on_when_a_step_is_written(open_page, runs):
    test = open_page("live?run=small")
    run = open_run(runs / "small")
    run.write(4, made.rollouts(4, skill=0.5))
    assert header_of(test.run())["step"] == 4
    test.select_slider(key="step").set_value(2).run()
    assert test.toggle(key="follow").value is False
    run.write(5, made.rollouts(5, skill=0.5))
    assert header_of(test.run())["step"] == 2
    test.toggle(key="follow").set_value(True).run()
    assert header_of(test)["step"] == 5


def test_what_can_not_be_served_is_said(open_page):
    test = open_page("live?run=small&estimators=grpo&estimators=gae")
    assert not test.info  # a notice above would move the view
    assert any("gae reads 'values', which these" in caption.value for caption in test.caption)
    assert [e["name"] for e in header_of(test)["estimators"]] == ["grpo"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("absent", "does not exist"), ("/", "is not a run folder")]
)
def test_a_folder_without_a_run_is_one_sentence(open_page, name, sentence):
    test = open_page(f"live?run={name}")
    assert not test.exception
    assert sentence in test.error[0].value


def test_curves_hold_variance_and_learning(open_page):
    test = open_page("live?run=small")
    titles = []
    for which in (1, 2):
        figure = json.loads(test.get("bidi_component")[which].proto.json)
        titles += [panel["title"] for panel in figure["panels"]]
    assert titles[:3] == ["Gradient variance", "Noise scale", "Signal to noise"]
    assert "Accuracy" in titles


def test_a_running_trainer_is_steered_through_the_folder(open_page, runs):
    run = open_run(runs / "small")
    run.set_status("running", step=3, steps=10)
    test = open_page("live?run=small")
    assert "step 3 of 10" in test.get("progress")[0].proto.text
    assert "4 s left" in test.get("progress")[0].proto.text
    for button, wanted in (("pause", "pause"), ("stop", "stop")):
        test.button(key=f"control.{button}").click().run()
        assert run.control() == wanted
    assert test.button(key="control.run").disabled
    run.set_status("paused", step=3, steps=10)
    test.run()
    test.button(key="control.step").click().run()
    assert run.control() == "step"


def test_a_failed_trainer_says_why(open_page, runs):
    open_run(runs / "small").set_status("failed", step=3, steps=10, message="the disk is full")
    assert open_page("live?run=small").error[0].value == "the disk is full"


def test_an_address_shows_the_prompt_and_the_estimators_that_were_seen(open_page):
    test = open_page("live")  # the recorded run, in which other steps would begin otherwise
    for step in (40, 90):
        test.select_slider(key="step").set_value(step).run()
        seen = header_of(test)
        opened = header_of(open_page(f"live?{urlencode(test.query_params, doseq=True)}"))
        assert opened["step"] == seen["step"] == step
        assert opened["prompts"] == seen["prompts"]
        assert [e["name"] for e in opened["estimators"]] == [e["name"] for e in seen["estimators"]]


def test_an_address_without_estimators_shows_none(open_page):
    test = open_page("live?run=small&estimators=grpo")
    test.multiselect(key="estimators").set_value([]).run()
    assert test.query_params["estimators"] == ""
    assert not open_page("live?run=small&estimators=").multiselect(key="estimators").value


def test_a_prompt_that_the_run_lacks_becomes_its_last(open_page):
    test = open_page("live?run=small&group=99&estimators=grpo:divide_by_std=false")
    assert not test.exception and not test.error
    assert test.number_input(key="group").value == made.PROMPTS - 1
    assert test.query_params["group"] == str(made.PROMPTS - 1)
    assert [e["name"] for e in header_of(test)["estimators"]] == ["grpo:divide_by_std=false"]
