"""Rows of gradient noise from a run folder."""

import dataclasses

import pytest
import tiny
from torch.testing import assert_close

from explorer import catalog, gradients, policy, variance
from explorer.config import Config
from explorer.runs import create

MODEL = tiny.policy()
ROLLOUTS = tiny.rollouts(MODEL)
CREDITS = {"grpo": catalog.run(catalog.load("estimators", "grpo"), ROLLOUTS)}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that began with a tiny policy and kept no checkpoint."""
    folder = tmp_path_factory.mktemp("run")
    policy.save(MODEL, folder / "policy")
    config = Config(estimator="grpo", policy=str(folder / "policy"), aggregation="token_mean")
    return create(folder / "run", {"config": dataclasses.asdict(config)})


def table(run, tiers, step=1, **settings):
    return variance.table(run, step, ROLLOUTS, CREDITS, tiers, device="cpu", **settings)


def test_numbers_are_those_of_gradients(run):
    weights = catalog.run(catalog.load("aggregations", "token_mean"), ROLLOUTS)
    logit, exact = table(run, ["logit", "exact"])
    assert (logit["tier"], exact["tier"]) == ("logit", "exact")
    assert (logit["updates"], exact["updates"]) == (None, 0)
    expected = gradients.exact(MODEL, ROLLOUTS, CREDITS, weights)["grpo"]
    assert_close(exact["variance"], expected.variance)
    expected = gradients.logit(ROLLOUTS, CREDITS, weights)["grpo"]
    assert logit["variance"] == expected.variance


def test_only_the_tiers_asked_for(run):
    assert [row["tier"] for row in table(run, ["logit"], step=7)] == ["logit"]


def test_a_named_policy_is_taken(run):
    (row,) = table(run, ["exact"], step=7, policy=run.folder.parent / "policy")
    assert row["updates"] is None


def test_a_policy_of_another_step_is_refused(run):
    with pytest.raises(ValueError, match="no policy was kept near step 7, only after 0 updates"):
        table(run, ["exact"], step=7)


def test_a_run_of_another_trainer_weighs_all_tokens_alike(tmp_path, run):
    (ours,) = table(run, ["logit"])
    (theirs,) = table(create(tmp_path / "run", {}), ["logit"])
    assert ours == theirs
