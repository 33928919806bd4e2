"""Every estimator trains: what it reads is measured or learnt on the way."""

import dataclasses

import pytest
from torch.testing import assert_close

from explorer import catalog, runs
from explorer.config import Config, describe
from explorer.pretrain import pretrain
from explorer.train import train

TWO = Config("bae", steps=2, prompts=2, samples=2, max_new_tokens=48, continuations=2)
FIELDS = {"values", "zip_values", "self_reward"}  # of predictors
IMPOSSIBLE = {"logged"}  # it repeats what another estimator gave, so that nothing can begin with it


@pytest.fixture(scope="module")
def walker(tmp_path_factory):
    """A policy that knows the words of the task with states, and little else."""
    folder = tmp_path_factory.mktemp("walker")
    list(pretrain(catalog.load("tasks", "grid")(), folder, steps=2, batch=8))
    return str(folder)


def config(name, walker):
    if "state" in catalog.reads(catalog.load("estimators", name)):
        return dataclasses.replace(TWO, estimator=name, task="grid", policy=walker)
    return dataclasses.replace(TWO, estimator=name)


@pytest.mark.parametrize("name", sorted(set(catalog.names("estimators")) - IMPOSSIBLE))
def test_it_trains(name, tmp_path, walker):
    chosen = config(name, walker)
    run = runs.create(tmp_path / "run", describe(chosen))
    rows = list(train(chosen, run))
    assert [row["step"] for row in rows] == [1, 2]
    rollouts = run.rollouts(2)
    estimator = catalog.load("estimators", name)
    assert catalog.missing(estimator, rollouts) == []
    credit = catalog.run(estimator, rollouts)
    assert_close(rollouts.logged_advantages, credit.advantage, rtol=0, atol=0)


def test_what_can_not_begin_says_why():
    with pytest.raises(ValueError, match="repeats the advantages that a trainer wrote"):
        dataclasses.replace(TWO, estimator="logged")


def test_more_can_be_recorded_than_the_estimator_reads(tmp_path):
    plain = runs.create(tmp_path / "plain", describe(TWO))
    list(train(TWO, plain))
    chosen = dataclasses.replace(TWO, record="zip_values, importance,greedy_reward,anchor,values")
    run = runs.create(tmp_path / "run", describe(chosen))
    list(train(chosen, run))
    rollouts = run.rollouts(2)
    for name in ("oar", "zip_rc", "gae", "remax", "ha_dw"):
        assert catalog.missing(catalog.load("estimators", name), rollouts) == []
    # and what is learnt is the same
    assert_close(rollouts.old_logprobs, plain.rollouts(2).old_logprobs, rtol=0, atol=0)


def test_what_can_not_be_recorded_is_named():
    with pytest.raises(ValueError, match="record has no 'self_reward'; it takes some of anchor"):
        dataclasses.replace(TWO, record="values,self_reward")


@pytest.mark.parametrize(
    ("name", "field"), [("gae", "values"), ("zip_rc", "zip_values"), ("laser", "self_reward")]
)
def test_a_predictor_speaks_before_it_learns(name, field, tmp_path):
    chosen = dataclasses.replace(TWO, estimator=name)
    run = runs.create(tmp_path / "run", describe(chosen))
    list(train(chosen, run))
    first, second = getattr(run.rollouts(1), field), getattr(run.rollouts(2), field)
    if field == "self_reward":
        assert abs(first.mean()) < 1e-4  # calibrated on these very completions
    else:
        assert not first.any()  # it has seen no reward
        assert second.all()
    assert all(getattr(run.rollouts(1), other) is None for other in FIELDS - {field})
