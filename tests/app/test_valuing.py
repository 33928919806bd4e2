"""The button that measures true values."""

import json

import pytest

from app import batch, process, valuing
from app.training import arguments
from explorer.runs import open_run


def ended(at):
    started = valuing._started[at.folder, at.step]
    started.process.wait(120)
    return started.ended()


def test_a_step_is_measured_once_and_then_shown(open_page, runs):
    options = {"steps": 1, "prompts": 2, "samples": 2, "max_new_tokens": 16}
    process.start(runs / "new", arguments(options))
    process.trainer(runs / "new").process.wait(120)
    test = open_page("compare?run=new")
    at = batch.key(open_run(runs / "new"), 1)
    assert f"explorer truth {runs / 'new'} --step 1 --at tokens" in test.code[0].value
    next(button for button in test.button if button.label == "Measure").click().run()
    first = valuing._started[at.folder, at.step]
    valuing.start(at)  # a second press
    assert valuing._started[at.folder, at.step] is first or not valuing.running(at)
    assert ended(at) == ""
    test.run()
    assert not test.code and not test.error and not test.exception
    assert open_run(runs / "new").rollouts(1).mc_values is not None


def test_what_can_not_be_measured_says_why(open_page, runs):
    at = batch.key(open_run(runs / "small"), 1)
    valuing.start(at)  # its tokens are letters, which the shipped policy does not read
    assert "reads other tokens" in ended(at)
    assert "reads other tokens" in open_page("compare?run=small&step=1").error[0].value


def test_a_policy_that_was_not_kept_is_said(open_page):
    test = open_page("compare?run=small&step=3")
    assert not test.button
    assert any("it was for step 1" in caption.value for caption in test.caption)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], (0.0, "Loading the policy …")),
        ([{"n": 32}], (0.0, "Loading the policy …")),
        ([{"n": 32}, {"step": 1, "steps": 4, "eta": 90.0}], (0.25, "1 min 30 s left")),
    ],
)
def test_progress_is_read_from_the_journal(runs, rows, expected):
    at = batch.key(open_run(runs / "small"), 1)
    folder = runs / "small" / "truth"
    folder.mkdir()
    text = "".join(json.dumps(row) + "\n" for row in rows) + '{"step": 2, "st'  # being written
    (folder / "step=000001-abc.jsonl").write_text(text if rows else "")
    assert valuing.progress(at) == expected
