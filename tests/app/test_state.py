"""How far a run is, in words."""

import pytest

from app.state import clock, facts, progress


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7320, "2 h 2 min")],
)
def test_times_are_said_as_people_say_them(seconds, said):
    assert clock(seconds) == said


def test_the_time_left_follows_the_pace_of_the_last_steps():
    rows = [{"seconds": 100.0}] * 50 + [{"seconds": 0.5}] * 20
    status = {"state": "running", "step": 70, "steps": 100}
    assert progress(status, rows) == "step 70 of 100  ·  0.5 s a step  ·  15 s left"


def test_a_finished_run_has_no_time_left():
    status = {"state": "finished", "step": 100, "steps": 100}
    assert progress(status, [{"seconds": 0.5}]) == "step 100 of 100  ·  0.5 s a step"
    assert progress({"state": "running", "step": 0, "steps": 9}, []) == "step 0 of 9"


def test_facts_leave_out_what_is_not_known():
    assert facts({"estimator": "bae:baseline=group", "seed": 0}) == "bae:baseline=group  ·  seed 0"
