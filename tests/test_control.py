"""Pause, step, stop, and the signals of a person or a cluster."""

import os
import signal
import threading

import pytest

from explorer import runs
from explorer.control import interruptions, proceed


@pytest.fixture
def run(tmp_path):
    return runs.create(tmp_path / "run", {})


def test_it_goes_on_unless_told_otherwise(run):
    assert proceed(run, 3, 9, lambda: False)
    assert (run.status()["state"], run.status()["step"]) == ("running", 3)


def test_it_stops(run):
    run.set_control("stop")
    assert not proceed(run, 3, 9, lambda: False)


def test_a_pause_waits_and_says_so(run):
    seen = []

    def looked() -> bool:
        seen.append(run.status()["state"] if seen else "")
        if len(seen) == 3:
            run.set_control("run")
        return False

    run.set_control("pause")
    assert proceed(run, 3, 9, looked)
    assert seen[1:] == ["paused", "paused"]
    assert run.status()["state"] == "running"


def test_a_pause_can_be_interrupted(run):
    run.set_control("pause")
    answers = iter([False, False, True])
    assert not proceed(run, 3, 9, lambda: next(answers))


def test_one_step_becomes_a_pause(run):
    run.set_control("step")
    assert proceed(run, 3, 9, lambda: False)
    assert run.control() == "pause"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_and_a_second_one_interrupts(number):
    before = signal.getsignal(number)
    with interruptions() as interrupted:
        assert not interrupted()
        os.kill(os.getpid(), number)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before


def test_another_thread_gets_no_signals():
    answers = []

    def ask():
        with interruptions() as interrupted:
            answers.append(interrupted())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert answers == [False]
