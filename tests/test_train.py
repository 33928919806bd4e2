"""The trainer on the shipped policy: what it leaves, that it can stop and go on, that it learns."""

import dataclasses
import os
import signal

import pytest
import torch
from arbitrary import same
from safetensors.torch import load_file
from torch.testing import assert_close

from explorer import catalog, checkpoint, runs
from explorer.config import Config, describe
from explorer.kept import policies
from explorer.policy import load, measure
from explorer.train import train

SMALL = Config("bae", steps=4, prompts=2, samples=3, warmup=2, max_new_tokens=48)
TIMES = ("time", "seconds")


def begin(folder, config=SMALL):
    return runs.create(folder / "run", describe(config))


def numbers(rows):
    return [{k: v for k, v in row.items() if not k.startswith(TIMES)} for row in rows]


def weights(run):
    _, folder = checkpoint.latest(run.folder)
    return {path.name: load_file(path) for path in sorted(folder.glob("*.safetensors"))}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run = begin(tmp_path_factory.mktemp("trained"))
    return run, list(train(SMALL, run))


def test_a_row_a_step(trained):
    run, rows = trained
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    assert numbers(run.metrics()) == numbers(rows)
    parts = ("sample", "judge", "measure", "credit", "learn", "write")
    expected = {"reward", "reward/solution", "reward/confidence", "accuracy", "brier", "ece"}
    expected |= {"entropy", "kl", "length", "finished", "grad_norm", "loss", "lr", "zero_groups"}
    expected |= {f"seconds/{part}" for part in parts}
    assert expected <= set(rows[0])
    assert [row["lr"] for row in rows] == [1.5e-4, 3e-4, 3e-4, 3e-4]
    assert (run.status()["state"], run.status()["step"]) == ("finished", 4)


def test_the_kept_rollouts_say_what_the_trainer_used(trained):
    run, _ = trained
    rollouts = run.rollouts(1)
    credit = catalog.run(catalog.load("estimators", "bae"), rollouts)
    assert_close(rollouts.logged_advantages, credit.advantage, rtol=0, atol=0)
    assert_close(rollouts.logprobs, rollouts.old_logprobs, rtol=0, atol=1e-5)
    again = measure(load(device="cpu"), rollouts)
    assert_close(rollouts.entropy, again.entropy, rtol=0, atol=1e-5)


def test_the_policy_has_moved(trained):
    run, _ = trained
    _, folder = checkpoint.latest(run.folder)
    before, after = load(device="cpu"), load(folder, device="cpu")
    moved = [
        float((a - b).detach().abs().max())
        for a, b in zip(before.model.parameters(), after.model.parameters(), strict=True)
    ]
    assert max(moved) < 4 * 3e-4 * 1.1  # AdamW moves a weight by at most about lr a step
    assert min(moved) > 0


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        dataclasses.replace(SMALL, critic=True, kl=0.1, updates=2, micro=200),
        dataclasses.replace(SMALL, estimator="zip_rc"),
        dataclasses.replace(SMALL, estimator="laser"),
        dataclasses.replace(SMALL, estimator="oar"),
    ],
    ids=["plain", "critic, kl, updates and parts", "zip_rc", "laser", "oar"],
)
def test_stopping_and_going_on_changes_nothing(config, tmp_path):
    straight, stopped = begin(tmp_path / "a", config), begin(tmp_path / "b", config)
    rows = list(train(config, straight))
    first = []
    for row in train(config, stopped):
        first.append(row)
        if row["step"] == 2:
            stopped.set_control("stop")
    assert (len(first), stopped.status()["state"]) == (2, "stopped")
    rest = list(train(config, runs.open_run(stopped.folder)))
    assert numbers(first + rest) == numbers(rows) == numbers(stopped.metrics())
    for step in straight.steps():
        same(straight.rollouts(step), stopped.rollouts(step))
    assert_close(weights(stopped), weights(straight), rtol=0, atol=0)


def test_whoever_stops_looking_leaves_a_run_that_can_go_on(tmp_path, trained):
    config = dataclasses.replace(SMALL, checkpoint_every=2)
    run = begin(tmp_path, config)
    steps = train(config, run)
    for _ in range(3):
        next(steps)
    kept = checkpoint.latest(run.folder)
    steps.close()
    # As a kill after step 3 would have left it:
    later, _ = checkpoint.latest(run.folder)
    assert (kept[0], later) == (2, 3)
    assert run.status()["state"] == "stopped"
    assert numbers(list(train(config, run)) + run.metrics()[:3])[1:] == numbers(trained[1])[:3]


@pytest.mark.parametrize(("keep", "left"), [(True, [1, 2, 3]), (False, [3])])
def test_checkpoints_stay_if_they_are_asked_to(tmp_path, keep, left):
    config = dataclasses.replace(SMALL, steps=3, checkpoint_every=1, keep_checkpoints=keep)
    run = begin(tmp_path, config)
    list(train(config, run))
    assert [updates for updates in policies(run) if updates] == left
    assert checkpoint.latest(run.folder)[0] == 3


def test_a_signal_ends_it_after_the_step(tmp_path):
    run = begin(tmp_path)
    rows = []
    for row in train(SMALL, run):
        rows.append(row)
        os.kill(os.getpid(), signal.SIGTERM)
    assert len(rows) == 1
    assert run.status()["state"] == "stopped"
    assert checkpoint.latest(run.folder)[0] == 1


def test_another_seed_is_another_run(tmp_path, trained):
    config = dataclasses.replace(SMALL, seed=1, steps=1)
    run = begin(tmp_path, config)
    list(train(config, run))
    assert run.rollouts(1).prompts != trained[0].rollouts(1).prompts


def test_rollouts_are_pruned(tmp_path):
    config = dataclasses.replace(SMALL, keep_rollouts_every=3, keep_last=1, steps=5)
    run = begin(tmp_path, config)
    list(train(config, run))
    assert run.steps() == [1, 3, 5]


def test_an_estimator_that_reads_values_gets_a_critic(tmp_path):
    config = dataclasses.replace(SMALL, estimator="gae", steps=2)
    run = begin(tmp_path, config)
    list(train(config, run))
    assert not run.rollouts(1).values.any()  # a new critic says 0
    assert run.rollouts(2).values.any()


@pytest.mark.parametrize(
    ("estimator", "field"),
    [
        ("remax", "greedy_reward"),
        ("ha_dw", "anchor"),
        ("vine", "mc_values"),
        ("spo_chain", "mc_values"),
        ("spo_tree", "node_rewards"),
        ("tree_rl", "parent"),
    ],
)
def test_what_an_estimator_reads_is_measured(estimator, field, tmp_path):
    config = dataclasses.replace(SMALL, estimator=estimator, samples=4, continuations=2, steps=2)
    run = begin(tmp_path, config)
    rows = list(train(config, run))
    rollouts = run.rollouts(2)
    assert getattr(rollouts, field) is not None
    credit = catalog.run(catalog.load("estimators", estimator), rollouts)
    assert_close(rollouts.logged_advantages, credit.advantage, rtol=0, atol=0)
    assert any(row["grad_norm"] > 0 for row in rows)


def test_the_anchor_is_the_mean_of_what_came_before(tmp_path):
    config = dataclasses.replace(SMALL, estimator="ha_dw", steps=2)
    run = begin(tmp_path, config)
    before, now = (row["reward"] for row in train(config, run))
    assert_close(run.rollouts(2).anchor, torch.full((6,), (before + now) / 2))


def test_the_noise_of_every_estimator_is_measured(tmp_path):
    config = dataclasses.replace(SMALL, variance_every=2, steps=2)
    rows = list(train(config, begin(tmp_path, config)))
    assert {"bae", "grpo", "rloo"} <= set(rows[0]["variance"])
    assert {"variance", "signal", "noise_scale", "snr", "low", "high", "tier"} <= set(
        rows[0]["variance"]["bae"]
    )
    assert "variance" not in rows[1]


def test_a_failure_is_said_and_raised(tmp_path):
    config = dataclasses.replace(SMALL, policy=str(tmp_path / "nowhere"))
    run = begin(tmp_path, config)
    with pytest.raises(ValueError, match="nowhere"):
        list(train(config, run))
    assert run.status()["state"] == "failed"
    assert "nowhere" in run.status()["message"]


def test_a_learning_rate_that_breaks_the_policy_is_a_sentence(tmp_path):
    config = dataclasses.replace(SMALL, lr=1e30, warmup=0)
    run = begin(tmp_path, config)
    with pytest.raises(ValueError, match="its weights are broken"):
        list(train(config, run))
    assert len(run.metrics()) == 1


@pytest.mark.slow
def test_it_learns(tmp_path):
    config = Config("bae", steps=40)
    run = begin(tmp_path, config)
    rows = list(train(config, run))

    def change(name):
        return sum(row[name] for row in rows[-10:]) / 10 - sum(row[name] for row in rows[:10]) / 10

    assert change("reward") > 0.05
    assert change("brier") < -0.01


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_it_runs_on_a_gpu(tmp_path):
    config = dataclasses.replace(SMALL, device="cuda", critic=True, kl=0.1)
    rows = list(train(config, begin(tmp_path, config)))
    assert len(rows) == 4
