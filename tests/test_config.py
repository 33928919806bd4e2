"""A config is checked when it is made, and survives JSON."""

import dataclasses
import json

import pytest

from explorer import knobs
from explorer.config import Config, describe


def test_it_survives_run_json():
    config = Config("gae", estimator_settings={"lam": 0.5}, steps=7, lr=1e-3)
    assert Config(**json.loads(json.dumps(describe(config)))["config"]) == config


def test_all_of_its_settings_are_knobs():
    names = {field.name for field in dataclasses.fields(Config) if field.kw_only}
    assert {knob.name for knob in knobs.knobs(Config)} == names
    assert all(knob.help for knob in knobs.knobs(Config))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"steps": 0}, "steps must lie in"),
        ({"lr": -1.0}, "lr must lie in"),
        ({"estimator": "grop"}, "did you mean grpo"),
        ({"task": "chian"}, "did you mean chain"),
        ({"estimator_settings": {"lam": 0.5}}, "bae has no setting 'lam'"),
        ({"task_settings": {"terms": 99}}, "terms must lie in"),
        ({"objective_settings": {"eps_low": 2.0}}, "eps_low must lie in"),
        ({"aggregation": "mean"}, "aggregations has no 'mean'"),
        ({"engine": "llm"}, "engines has no 'llm'"),
        ({"segmenter": "words"}, "segmenters has no 'words'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Config(**settings)


def test_the_aggregation_is_that_of_the_paper():
    assert Config("bae").normaliser == ("block_mean", {})
    assert Config("grpo").normaliser == ("sequence_mean", {})
    assert Config("gae").normaliser == ("token_mean", {})
    assert Config("dr_grpo", max_new_tokens=64).normaliser == ("constant_length", {"length": 64})
    assert Config("bae", aggregation="token_mean").normaliser == ("token_mean", {})


def test_a_run_is_described_by_what_it_is_made_of():
    info = describe(Config("bae", estimator_settings={"baseline": "group"}))
    assert info["estimator"] == "bae:baseline=group"
    assert info["blocks"] == ("solution", "confidence")
    assert info["aggregation"] == "block_mean"


def test_a_group_of_one_has_nobody_to_compare_with():
    with pytest.raises(ValueError, match="nothing to "):
        Config("grpo", samples=1)
    assert Config("gae", samples=1).samples == 1
