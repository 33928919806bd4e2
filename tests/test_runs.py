"""The run folder: what a reader may rely on while somebody writes."""

import json
import os
import subprocess
import sys

import pytest
from arbitrary import same

from explorer import runs
from explorer.types import Rollouts

ROLLOUTS = Rollouts.from_lists(tokens=[[1, 2], [3]], rewards=[1, 0], group=[0, 0])


@pytest.fixture
def run(tmp_path):
    return runs.create(tmp_path / "a" / "b", {"task": "chain"})


def test_what_is_written_is_read_by_another(run):
    run.write(12, ROLLOUTS)
    run.write(3, ROLLOUTS)
    run.append({"step": 3, "reward": 0.5})
    again = runs.open_run(run.folder)
    assert again.info["task"] == "chain"
    assert again.steps() == [3, 12]
    same(again.rollouts(12), ROLLOUTS)
    assert again.metrics() == [{"step": 3, "reward": 0.5}]


def test_a_line_that_is_being_written_is_left_out(run):
    run.append({"step": 1})
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "rew')
    assert run.metrics() == [{"step": 1}]


def test_a_broken_line_is_named(run):
    (run.folder / "metrics.jsonl").write_text('{"step": 1}\nnonsense\n')
    with pytest.raises(ValueError, match=r"metrics.jsonl, line 2: not JSON"):
        run.metrics()


def test_metrics_are_strict_json(run):
    run.append({"step": 1, "kl": float("nan"), "variance": {"bae": {"snr": float("inf")}}})
    text = (run.folder / "metrics.jsonl").read_text()
    assert json.loads(text) == {"step": 1, "kl": None, "variance": {"bae": {"snr": None}}}


def test_a_file_that_is_being_written_is_no_step(run):
    run.write(1, ROLLOUTS)
    half = run.folder / "rollouts" / "step=000002" / "part-0.parquet.tmp"
    half.parent.mkdir()
    half.write_bytes(b"PAR1")
    assert run.steps() == [1]


def test_a_step_that_was_not_kept_names_its_neighbours(run):
    run.write(1, ROLLOUTS)
    run.write(10, ROLLOUTS)
    with pytest.raises(ValueError, match="no rollouts of step 4; the nearest are 1, 10"):
        run.rollouts(4)


def test_pruning_keeps_the_first_the_last_and_each_kth(run):
    for step in range(1, 13):
        run.write(step, ROLLOUTS)
    run.prune(every=5, last=2)
    assert run.steps() == [1, 5, 10, 11, 12]
    run.prune(every=5, last=2)
    assert run.steps() == [1, 5, 10, 11, 12]


def test_rewinding_forgets_later_steps(run):
    for step in (1, 2, 3):
        run.write(step, ROLLOUTS)
        run.append({"step": step})
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "rew')
    run.rewind(2)
    run.append({"step": 3, "again": True})
    assert run.steps() == [1, 2]
    assert run.metrics() == [{"step": 1}, {"step": 2}, {"step": 3, "again": True}]


def test_a_run_is_not_overwritten_unless_forced(run):
    run.write(1, ROLLOUTS)
    run.append({"step": 1})
    with pytest.raises(ValueError, match="already holds a run"):
        runs.create(run.folder, {})
    assert run.steps() == [1]
    fresh = runs.create(run.folder, {"task": "new"}, force=True)
    assert (fresh.steps(), fresh.metrics(), fresh.info["task"]) == ([], [], "new")


def test_force_deletes_nothing_that_is_not_part_of_a_run(run, tmp_path):
    (run.folder / "notes.txt").write_text("mine")
    runs.create(run.folder, {}, force=True)
    assert (run.folder / "notes.txt").read_text() == "mine"
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.tex").write_text("mine")
    with pytest.raises(ValueError, match="is not a run folder"):
        runs.create(precious, {}, force=True)
    assert (precious / "thesis.tex").read_text() == "mine"


def test_force_does_not_follow_links(run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "data").write_text("mine")
    (run.folder / "rollouts").symlink_to(elsewhere)
    with pytest.raises(ValueError, match="cannot be written"):
        runs.create(run.folder, {}, force=True)
    assert (elsewhere / "data").read_text() == "mine"


def test_an_empty_folder_can_become_a_run(tmp_path):
    assert runs.create(tmp_path, {}).metrics() == []


def test_errors_say_what_is_wrong(tmp_path, run):
    with pytest.raises(ValueError, match="does not exist"):
        runs.open_run(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"has no run\.json"):
        runs.open_run(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="exists and is not a run folder"):
        runs.create(tmp_path / "file", {})
    with pytest.raises(ValueError, match=r"file/below cannot be written: Not a directory"):
        runs.create(tmp_path / "file" / "below", {})
    (run.folder / "run.json").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"run\.json cannot be read"):
        runs.open_run(run.folder)
    (run.folder / "run.json").write_text('{"schema": 99}')
    with pytest.raises(ValueError, match="schema 99, newer than 1"):
        runs.open_run(run.folder)


def test_a_folder_without_permission_is_an_error_of_one_line(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    if os.access(tmp_path / "closed", os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(ValueError, match="cannot be written: Permission denied"):
        runs.create(tmp_path / "closed" / "run", {})


def test_status_and_control(run):
    assert run.control() == "run"
    run.set_control("pause")
    assert run.control() == "pause"
    with pytest.raises(ValueError, match="one of run, pause, step, stop; got 'halt'"):
        run.set_control("halt")
    run.set_status("running", step=3, steps=100)
    status = run.status()
    assert (status["state"], status["step"], status["steps"]) == ("running", 3, 100)


def test_a_run_that_was_imported_is_finished(run):
    run.write(7, ROLLOUTS)
    assert (run.status()["state"], run.status()["step"]) == ("finished", 7)


def test_a_trainer_that_was_killed_is_noticed(run):
    code = (
        "import os, sys; from explorer import runs;"
        "runs.open_run(sys.argv[1]).set_status('running', step=1, steps=9); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(run.folder)], check=False, timeout=60)
    assert run.status()["state"] == "failed"
    assert "died" in run.status()["message"]


def test_which_steps_have_a_field(run):
    run.write(1, ROLLOUTS)
    assert run.has(1, "rewards") and not run.has(1, "mc_values")
    (run.folder / "rollouts/step=000001/part-0.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="cannot be read as Parquet"):
        run.has(1, "rewards")


def test_what_is_not_finite_is_null(run):
    run.append({"step": 1, "noise": {"snr": float("nan"), "ends": [float("inf"), 0.5]}})

    def refuse(constant):
        raise ValueError(constant)

    line = (run.folder / "metrics.jsonl").read_text()
    assert json.loads(line, parse_constant=refuse)["noise"] == {"snr": None, "ends": [None, 0.5]}
