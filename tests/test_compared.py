"""Which rows and columns are told of estimators against the truth."""

import math

import pytest
import world

from explorer import catalog, compared, readme
from explorer.noise import Noise

ROLLOUTS = world.rollouts([0, 1, 2, 3, 4, 5])
CREDITS = {
    name: catalog.run(catalog.load("estimators", name), ROLLOUTS)
    for name in ("grpo", "rloo", "true_advantage")
}


def rows(**settings):
    return compared.rows(ROLLOUTS, CREDITS, **settings)


def test_a_row_for_each_estimator():
    found = rows()
    assert [row["estimator"] for row in found] == list(CREDITS)
    assert {row["scope"] for row in found} == {"all"}
    assert found[2]["pearson"] == pytest.approx(1.0)
    assert found[2]["rmse"] == pytest.approx(0.0)


@pytest.mark.parametrize("scope", ["block", "decile"])
def test_parts_of_the_batch(scope):
    found = rows(scope=scope)
    assert found and all(row["scope"].startswith(scope + " ") for row in found)


def test_every_part():
    parts = {row["scope"].partition(" ")[0] for row in rows(scope="every")}
    assert parts == {"all", "block", "decile"}  # the world has one stratum a block


def test_whether_it_is_unbiased_is_the_readme_s_word():
    verdicts = {row["estimator"]: row["unbiased"] for row in rows()}
    assert verdicts["rloo"] == "yes" and verdicts["grpo"].startswith("no (")
    assert verdicts == {name: readme.estimators()[name]["unbiased"] for name in CREDITS}


def test_other_settings_have_no_verdict():
    found = compared.rows(ROLLOUTS, {"grpo:eps=1": CREDITS["grpo"]})
    assert found[0]["unbiased"] is None


def test_all_rows_have_the_same_columns_and_noise_stands_beside_all():
    nothing = dict.fromkeys(("signal", "noise_scale", "snr", "low", "high"), math.nan)
    noise = {"grpo": Noise(**nothing, variance=2.0, groups=2, tier="logit")}
    found = rows(scope="every", noise=noise)
    assert len({tuple(row) for row in found}) == 1
    assert {row["variance"] for row in found} == {None, 2.0}


def test_people_see_the_best_first():
    found = compared.told(rows(scope="every"))
    whole = [row["pearson"] for row in found if row["scope"] == "all"]
    assert whole == sorted(whole, reverse=True)
    assert found[0]["estimator"] == "true_advantage"


def test_people_see_no_constants():
    credits = {"dr_grpo": CREDITS["grpo"], "gpg": CREDITS["grpo"]}
    told = compared.told(compared.rows(ROLLOUTS, credits))
    assert {row["unbiased"] for row in told} == {"up to a constant", "no (0.55°)"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"scope": "blocks"}, "--scope must be one of all, block, stratum, decile, every; got"),
        ({"of": "rewards"}, "--of must be one of reward, block; got 'rewards'"),
    ],
)
def test_what_does_not_exist(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        rows(**settings)
