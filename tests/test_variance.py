"""Rows of gradient noise from a run folder."""

import dataclasses

import pytest
import tiny
from torch.testing import assert_close

from explorer import catalog, gradients, policy, scorefile, scores, sketch, variance
from explorer.config import Config
from explorer.runs import create
from explorer.scored import Source

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
    source = Source(device="cpu", **settings)
    return variance.table(run, step, ROLLOUTS, CREDITS, tiers, source=source)


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
    with pytest.raises(ValueError, match="no checkpoint for step 7"):
        table(run, ["exact"], step=7)


def test_a_run_of_another_trainer_weighs_all_tokens_alike(tmp_path, run):
    (ours,) = table(run, ["logit"])
    (theirs,) = table(create(tmp_path / "run", {}), ["logit"])
    assert ours == theirs


def test_a_table_on_disk_says_what_the_table_says(run):
    weights = catalog.run(catalog.load("aggregations", "token_mean"), ROLLOUTS)
    (row,) = table(run, ["sketch"], width=256)
    (again,) = table(run, ["sketch"])
    found = sketch.score_table(MODEL, ROLLOUTS, width=256)
    expected = scores.sketch(found, ROLLOUTS, CREDITS, weights)["grpo"]
    assert_close(row["variance"], expected.variance, rtol=1e-3, atol=0.0)  # half precision
    assert again == row and row["updates"] == 0


def test_a_trainer_s_table_says_what_it_is(run):
    found = sketch.score_table(MODEL, ROLLOUTS, width=8)
    notes = {"tier": "tail", "metric": "adam", "updates": 3}
    scorefile.write(scorefile.path_of(run.folder, 4), found, **notes)
    (row,) = table(run, ["sketch"], step=4)
    assert (row["tier"], row["updates"]) == ("tail, adam", 3)


@pytest.mark.parametrize("tier", ["sketch", "tail", "exact"])
def test_an_estimator_beside_itself_and_twice_itself(run, tier):
    twice = dataclasses.replace(CREDITS["grpo"], target=2 * CREDITS["grpo"].target,
                                baseline=2 * CREDITS["grpo"].baseline)  # fmt: skip
    both = CREDITS | {"twice": twice}
    rows = variance.table(
        run, 1, ROLLOUTS, both, [tier], reference="grpo", source=Source(device="cpu")
    )
    assert_close([row["snr_ratio"] for row in rows], [1.0, 1.0], rtol=1e-4, atol=0.0)
    assert rows[1]["variance"] == pytest.approx(4 * rows[0]["variance"], rel=1e-3)
    assert rows[0].keys() >= {"cosine", "cosine_low", "cosine_high"}
