"""The commands, as typed: what they print, what they leave, and one sentence for bad input."""

import json
import subprocess
import sys

import pytest
import torch

from explorer import catalog
from explorer.policy import SHIPPED
from explorer.runs import create, open_run
from explorer.types import Rollouts

TINY = ("--prompts", "2", "--samples", "3", "--max-new-tokens", "24")


def test_list_names_every_leaf(explorer):
    _, out, _ = explorer("list", "estimators", "--json")
    assert [row["name"] for row in json.loads(out)] == catalog.names("estimators")


def test_list_has_the_settings_of_a_leaf(explorer):
    _, out, _ = explorer("list", "estimators", "grpo", "--json")
    assert json.loads(out)[0].keys() == {"setting", "default", "values", "meaning"}
    assert json.loads(out)[0]["setting"] == "divide_by_std"


def test_list_has_the_settings_of_the_trainer(explorer):
    _, out, _ = explorer("list", "trainer", "--json")
    assert "lr" in {row["setting"] for row in json.loads(out)}


def test_a_table_is_for_people(explorer):
    _, out, _ = explorer("list", "segmenters")
    assert "whole" in out and "reads" in out and "{" not in out


def test_train_leaves_a_run(trained):
    run = open_run(trained)
    assert run.status()["state"] == "finished"
    assert [row["step"] for row in run.metrics()] == [1, 2] == run.steps()
    assert len(run.rollouts(2).rewards) == 6


def test_train_prints_its_rows(explorer, tmp_path):
    words = ("--steps", 1, *TINY, "--estimator", "grpo", "--no-divide-by-std", "--json")
    code, out, error = explorer("train", "--out", tmp_path / "run", *words)
    assert code == 0 and [row["step"] for row in json.loads(out)] == [1]
    assert "1/1" in error
    config = open_run(tmp_path / "run").info["config"]
    assert config["estimator_settings"] == {"divide_by_std": False}


def test_a_setting_goes_to_the_leaf_that_declares_it(explorer, tmp_path):
    words = ("--steps", 1, *TINY, "--lr=1e-3", "--terms", 2, "--objective.eps-low", 0.5)
    assert explorer("train", "--out", tmp_path / "run", *words)[0] == 0
    config = open_run(tmp_path / "run").info["config"]
    assert config["lr"] == 1e-3
    assert config["task_settings"] == {"terms": 2}
    assert config["objective_settings"] == {"eps_low": 0.5}


def test_resume_goes_on(explorer, trained):
    code, out, _ = explorer("train", "--out", trained, "--resume", "--steps", 3, "--json")
    assert code == 0 and [row["step"] for row in json.loads(out)] == [3]
    assert [row["step"] for row in open_run(trained).metrics()] == [1, 2, 3]


def test_show_prints_a_group(explorer, trained):
    code, out, _ = explorer("show", trained, "--group", 1, "--estimators", "grpo,bae:eps=0.5")
    assert code == 0 and out.startswith("group 1  ")
    assert "\ngrpo " in out and "\nbae:eps=0.5 " in out and "lowered" in out
    assert "\x1b" not in out


def test_show_takes_the_estimator_of_the_run(explorer, trained):
    assert "\nbae " in explorer("show", trained, "--step", 1)[1]


def test_pretrain_makes_a_policy(explorer, tmp_path):
    words = ("--out", tmp_path / "policy", "--steps", 2, "--terms", 2, "--json")
    code, out, _ = explorer("pretrain", *words)
    assert code == 0 and json.loads(out)[0]["steps"] == 2
    words = ("--out", tmp_path / "run", "--policy", tmp_path / "policy", "--steps", 1, *TINY)
    assert explorer("train", *words)[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("list estimator", "there is no kind 'estimator'; there are estimators, "),
        ("list estimators gea", "estimators has no 'gea'; did you mean gae?"),
        ("train --estimator bea", "estimators has no 'bea'; did you mean bae?"),
        ("train --estimator gae --lam 2", "lam must lie in [0, 1]; got 2.0"),
        ("train --lam 0.5", "there is no option '--lam'"),
        ("train --samples 0", "samples must lie in [1, inf]; got 0"),
        ("train --steps many", "steps must be a whole number; got 'many'"),
        ("train --task chess", "tasks has no 'chess'; "),
        ("train --device cuda:99", "device cuda:99 needs a GPU, and"),
        ("pretrain --preset huge", "there is no preset 'huge'; there are small, large"),
        ("pretrain --term 3", "there is no option '--term'; did you mean --terms?"),
    ],
)
def test_what_does_not_exist_gets_a_sentence(refused, tmp_path, words, sentence):
    out = [] if words.startswith("list") else ["--out", tmp_path / "out"]
    assert refused(*words.split(), *out).startswith(sentence)
    assert not (tmp_path / "out" / "run.json").exists()


@pytest.mark.parametrize("command", ["show", "variance"])
def test_a_folder_that_is_no_run(refused, tmp_path, command):
    assert refused(command, tmp_path) == f"{tmp_path} is not a run folder: it has no run.json"
    missing = tmp_path / "missing"
    assert refused(command, missing) == f"{missing} is not a run folder: it does not exist"


def test_a_run_without_rollouts(refused, tmp_path):
    create(tmp_path / "run", {})
    assert refused("show", tmp_path / "run").endswith("no rollouts yet; the first step writes some")


def test_a_broken_run(refused, tmp_path, trained):
    (tmp_path / "run.json").write_text('{"schema": 1')
    assert f"{tmp_path}/run.json, line 1: not JSON" in refused("show", tmp_path)
    (tmp_path / "run.json").write_text('{"schema": 99}')
    assert "has schema 99, newer than" in refused("show", tmp_path)


def test_a_broken_file_of_rollouts(refused, tmp_path):
    run = create(tmp_path / "run", {"estimator": "grpo"})
    run.write(1, Rollouts.from_lists(tokens=[[1]], rewards=[1.0], group=[0]))
    next(run.folder.rglob("*.parquet")).write_bytes(b"PAR1")
    assert "part-0.parquet" in refused("show", run.folder)


def test_a_step_or_group_that_is_not_there(refused, trained):
    assert "holds no rollouts of step 99" in refused("show", trained, "--step", 99)
    assert refused("show", trained, "--group", 9).startswith("there is no group 9; ")


def test_a_field_that_was_not_measured(refused, trained):
    sentence = refused("show", trained, "--estimators", "gae")
    assert sentence.startswith("gae reads 'values', which these rollouts lack; train with")


def test_a_policy_that_is_not_there(refused, tmp_path):
    words = ("--out", tmp_path / "run", "--policy", tmp_path / "none")
    assert f"no model folder {tmp_path}/none" in refused("train", *words)
    assert not (tmp_path / "run").exists()


def test_a_policy_that_is_not_there_leaves_the_old_run_alone(refused, trained, tmp_path):
    before = (trained / "metrics.jsonl").read_text()
    words = ("--out", trained, "--force", "--policy", tmp_path / "none")
    assert "no model folder" in refused("train", *words)
    assert (trained / "metrics.jsonl").read_text() == before


def test_an_estimator_that_repeats_another_trains_nothing(refused, tmp_path):
    sentence = refused("train", "--out", tmp_path / "run", "--estimator", "logged")
    assert sentence.startswith("logged repeats the advantages that a trainer wrote")
    assert not (tmp_path / "run").exists()


def test_nothing_is_overwritten_without_force(refused, explorer, trained, tmp_path):
    before = (trained / "metrics.jsonl").read_text()
    assert "already holds a run" in refused("train", "--out", trained, "--steps", 1)
    assert (trained / "metrics.jsonl").read_text() == before
    (tmp_path / "mine.txt").write_text("mine")
    assert "not a run folder" in refused("train", "--out", tmp_path, "--force")
    assert "exists; choose another name" in refused("pretrain", "--out", tmp_path, "--steps", 1)


def test_a_missing_gpu_leaves_the_old_run_alone(refused, trained):
    before = (trained / "metrics.jsonl").read_text()
    words = ("--out", trained, "--force", "--device", "cuda:99")
    assert "needs a GPU" in refused("train", *words)
    assert (trained / "metrics.jsonl").read_text() == before


@pytest.mark.parametrize("command", ["train", "pretrain"])
def test_a_folder_that_cannot_be_written(refused, tmp_path, command):
    (tmp_path / "file").write_text("")
    assert "cannot be" in refused(command, "--out", tmp_path / "file" / "run", "--steps", 1)


def test_resume_keeps_what_the_run_began_with(refused, trained, tmp_path):
    sentence = refused("train", "--out", trained, "--resume", "--estimator", "grpo")
    assert sentence == "--resume keeps what the run began with; leave out --estimator"
    sentence = refused("train", "--out", trained, "--resume", "--steps", 1)
    assert sentence == f"{trained} has all of its 1 steps; ask for more with --steps"
    create(tmp_path / "other", {})
    sentence = refused("train", "--out", tmp_path / "other", "--resume")
    assert sentence.endswith("was not made by explorer train; it can't be resumed")


def test_a_group_of_one_has_nothing_to_compare(refused, tmp_path):
    sentence = refused("train", "--out", tmp_path / "run", "--steps", 1, "--samples", 1)
    assert sentence.startswith("bae compares completions of one prompt")
    assert not (tmp_path / "run").exists()


def test_groups_of_one_under_a_critic_and_completions_of_one_token(explorer, tmp_path):
    words = ("--steps", 1, "--prompts", 2, "--samples", 1, "--max-new-tokens", 1)
    words += ("--estimator", "gae")
    assert explorer("train", "--out", tmp_path / "run", *words)[0] == 0
    assert explorer("show", tmp_path / "run", "--estimators", "grpo,rloo,bae")[0] == 0


def test_the_same_seed_gives_the_same_numbers(explorer, tmp_path):
    words = ("--steps", 2, *TINY, "--seed", 3)
    for name in ("one", "two"):
        explorer("train", "--out", tmp_path / name, *words)
    one, two = (open_run(tmp_path / name) for name in ("one", "two"))
    assert [row["reward"] for row in one.metrics()] == [row["reward"] for row in two.metrics()]
    assert torch.equal(one.rollouts(2).old_logprobs, two.rollouts(2).old_logprobs)


def test_a_reader_that_has_seen_enough(trained):
    command = f"{sys.executable} -m explorer show {trained} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("group ") and done.stderr == ""


def test_the_module_is_the_command(explorer):
    command = [sys.executable, "-m", "explorer", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "train" in done.stdout and "variance" in done.stdout


def test_the_shipped_policy_is_where_train_looks():
    assert (SHIPPED / "config.json").is_file()
