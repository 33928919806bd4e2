"""The tables that a trainer leaves: within their share, and of no consequence for training."""

import dataclasses

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import checkpoint, runs, scorefile, scores, scoring, sketch
from explorer.budget import Budget
from explorer.config import Config, describe
from explorer.directions import adam_metric
from explorer.policy import load
from explorer.tail import tail_table
from explorer.train import train

SMALL = Config(
    "bae", steps=4, prompts=5, samples=2, max_new_tokens=48, score_width=8, keep_rollouts_every=2
)
POLICY = tiny.policy()
BATCH = tiny.rollouts(POLICY, groups=5)
TIMES = ("time", "seconds")


def keep(tmp_path, config, budget, optimizer=None) -> bool:
    adam = optimizer or torch.optim.AdamW(POLICY.model.parameters())
    scoring.keep(tmp_path, 3, POLICY, BATCH, adam, config, budget)
    return scorefile.path_of(tmp_path, 3).exists()


def kept(tmp_path, config, budget, optimizer=None) -> scorefile.Stored:
    assert keep(tmp_path, config, budget, optimizer)
    return scorefile.read(scorefile.path_of(tmp_path, 3))


def weights(run) -> dict:
    found = checkpoint.latest(run.folder)
    assert found
    return load(found[1], device="cpu").model.state_dict()


def rich() -> Budget:
    return Budget(share=0.9, began=-1e9)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two runs that differ in nothing but the share; the second has time for every table."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring.time, "perf_counter", lambda: 0.0)
        for share in (0.0, 0.5):
            config = dataclasses.replace(SMALL, score_share=share)
            run = runs.create(tmp_path_factory.mktemp("run") / "run", describe(config))
            found[share] = run, list(train(config, run))
    return found


def test_training_does_not_depend_on_tables(trained):
    (without, rows), (with_tables, same) = trained[0.0], trained[0.5]
    assert not (without.folder / "scores").exists()
    assert (with_tables.folder / "scores").exists()
    for a, b in zip(rows, same, strict=True):
        assert {k: v for k, v in a.items() if not k.startswith(TIMES)} == {
            k: v for k, v in b.items() if not k.startswith(TIMES)
        }
    assert_close(weights(without), weights(with_tables), rtol=0, atol=0)


def test_a_table_is_of_the_policy_that_sampled(trained):
    run, rows = trained[0.5]
    stored = scorefile.read(scorefile.path_of(run.folder, 1))
    rollouts = run.rollouts(1)
    assert stored.made == {
        "tier": "sketch", "groups": "5", "updates": "0", "seed": "0", "metric": "plain"
    }  # fmt: skip
    fresh = sketch.score_table(load(device="cpu"), rollouts, width=8)
    assert_close(stored[0 : len(fresh)], fresh, rtol=2**-9, atol=1e-3)
    assert "seconds/scores" in rows[0] and "seconds/scores" not in rows[2]


def test_tables_go_with_their_rollouts(trained, tmp_path):
    run, _ = trained[0.5]
    tables = sorted(path.name for path in (run.folder / "scores").iterdir())
    assert tables == [f"step={step:06d}.safetensors" for step in (1, 2, 4)]
    copy = runs.create(tmp_path / "copy", {})
    for step in (1, 2, 3):
        copy.write(step, BATCH)
        scorefile.write(scorefile.path_of(copy.folder, step), torch.ones(2, 2))
    copy.prune(every=10, last=1)
    assert [p.name for p in sorted((copy.folder / "scores").iterdir())] == [
        "step=000001.safetensors", "step=000003.safetensors"
    ]  # fmt: skip
    copy.rewind(1)
    assert [p.name for p in (copy.folder / "scores").iterdir()] == ["step=000001.safetensors"]


def test_without_time_there_is_no_table(tmp_path):
    budget = Budget(share=1e-9, began=scoring.time.perf_counter())
    assert not keep(tmp_path, SMALL, budget)
    assert budget.spent > 0  # one completion was timed
    assert budget.pace


def test_with_time_for_some_prompts_it_is_of_the_first(tmp_path, monkeypatch):
    sizes = torch.bincount(BATCH.group[BATCH.sample]).tolist()
    budget = Budget(share=0.5, began=0.0)
    budget.book(0.0, 1)
    budget.pace = 1.0
    monkeypatch.setattr(scoring.time, "perf_counter", lambda: float(sum(sizes[:4])))
    stored = kept(tmp_path, SMALL, budget)
    assert stored.made["groups"] == "4"
    assert stored.shape == (sum(sizes[:4]), 8)
    assert int(scores.covered(stored, BATCH).sum()) == sum(sizes[:4])


def test_a_dear_table_is_one_of_the_last_layers(tmp_path, monkeypatch):
    assert scoring.tier_of(POLICY, BATCH, 8) == "sketch"
    monkeypatch.setattr(scoring, "WHOLE", 1.0)
    stored = kept(tmp_path, SMALL, rich())
    assert stored.made["tier"] == "tail"
    assert_close(stored[0:9], tail_table(POLICY, BATCH, width=8)[:9], rtol=2**-9, atol=1e-3)
    monkeypatch.setattr(scoring, "has_tail", lambda policy: False)
    assert scoring.tier_of(POLICY, BATCH, 8) == "sketch"


def test_the_metric_of_adam_needs_a_step_of_adam(tmp_path):
    adam = torch.optim.AdamW(POLICY.model.parameters(), lr=0.0)
    config = dataclasses.replace(SMALL, score_metric="adam")
    assert not keep(tmp_path, config, rich(), adam)
    scored = sketch.score(POLICY, BATCH).logprobs
    scored.sum().backward()
    adam.step()
    adam.zero_grad()
    stored = kept(tmp_path, config, rich(), adam)
    assert stored.made["metric"] == "adam"
    wanted = sketch.score_table(POLICY, BATCH, width=8, metric=adam_metric(POLICY, adam))
    size = float(wanted.abs().max())
    assert_close(stored[0 : len(wanted)], wanted, rtol=2**-9, atol=size * 2**-10)
