"""Trainers started from the app."""

import pytest

from app import process
from app.training import arguments, free
from explorer.runs import open_run


def ended(folder):
    """What a started trainer said on the way out."""
    trainer = process.trainer(folder)
    trainer.process.wait(120)
    return trainer.ended()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "bae-1").mkdir()
    with pytest.raises(ValueError, match="already exists; choose another name"):
        process.start(tmp_path / "bae-1", [])


def test_a_trainer_that_can_not_start_says_why_on_the_page(open_page, runs):
    process.start(runs / "new", ["--estimator=grop"])
    said = ended(runs / "new")
    assert "did you mean grpo?" in said
    assert said in open_page("live?run=new").error[0].value


def test_settings_become_words_that_the_trainer_understands(open_page, runs):
    options = {"estimator": "bae", "steps": 1, "prompts": 2, "samples": 2, "max_new_tokens": 16,
               "leave_one_out": True, "divide_by_std": False}  # fmt: skip
    process.start(runs / "new", arguments(options))
    assert ended(runs / "new") == ""
    run = open_run(runs / "new")
    assert run.info["config"]["estimator_settings"] == {
        "leave_one_out": True,
        "divide_by_std": False,
    }
    assert run.status()["state"] == "finished"
    test = open_page("live?run=new")
    assert not test.error and not test.exception
    assert run.info["estimator"] in test.multiselect(key="estimators").value


def test_a_free_name_is_offered(open_page, runs):
    assert free("bae") == "bae-1"
    (runs / "bae-1").mkdir()
    (runs / "bae-2.log").touch()
    assert free("bae") == "bae-3"
