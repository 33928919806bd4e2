"""Agreement of estimators with the truth, on the shipped policy and by hand."""

import dataclasses
import math
from functools import cache

import pytest
import torch
from torch.testing import assert_close

from explorer import catalog, compare, policy, rollouts, truth
from explorer.noise import noise
from explorer.types import Credit, Rollouts


def credit(advantage: torch.Tensor) -> Credit:
    return Credit(target=advantage, baseline=torch.zeros_like(advantage))


@cache
def measured() -> Rollouts:
    shipped = policy.load(device="cpu")
    task = catalog.load("tasks", "chain")()
    drawn = rollouts.sample(
        shipped,
        task,
        task.problems(1, 4),
        samples=6,
        max_new_tokens=64,
        temperature=1.0,
        seed=1,
    )
    return truth.measure(shipped, task, drawn, "tokens", n=16)


def credits(*names: str) -> dict[str, Credit]:
    return {n: catalog.run(catalog.load("estimators", n), measured()) for n in names}


def rows(**settings) -> dict[tuple[str, str], dict]:
    found = compare.agreement(measured(), credits("grpo", "rloo", "true_advantage"), **settings)
    return {(row["estimator"], row["scope"]): row for row in found}


def test_the_truth_agrees_with_itself():
    row = rows()["true_advantage", "all"]
    assert_close((row["pearson"], row["rmse"], row["sign"]), (1.0, 0.0, 1.0), atol=1e-5, rtol=1e-5)
    assert math.isnan(row["pearson_corrected"])  # its errors are the reference's
    assert math.isnan(row["unexplained_corrected_low"])
    assert row["shares_errors"]


def test_estimators_that_know_only_the_end_agree_a_little():
    row = rows()["rloo", "all"]
    assert row["pearson_low"] < row["pearson"] < row["pearson_high"] < 0.9
    assert row["pearson"] > 0
    assert row["pearson_corrected"] > row["pearson"]
    assert row["granularity"] == "completion"
    assert row["noise"] > 0
    assert not row["shares_errors"]


def test_parts_of_the_batch_are_looked_at():
    found = rows()
    named = {scope for _, scope in found}
    assert {"all", "block 0", "block 1", "stratum 1/0", "decile 0", "decile 9"} <= named
    tokens = {scope: row["tokens"] for (name, scope), row in found.items() if name == "rloo"}
    assert tokens["all"] == tokens["block 0"] + tokens["block 1"]
    assert tokens["block 1"] == tokens["stratum 1/0"] + tokens["stratum 1/1"]
    assert tokens["all"] == sum(n for scope, n in tokens.items() if scope.startswith("decile"))


def test_a_block_has_a_reference_of_its_own():
    bae = compare.agreement(measured(), credits("bae"), of="block")
    own = {row["scope"]: row for row in bae}
    whole = {row["scope"]: row for row in compare.agreement(measured(), credits("bae"))}
    assert own["block 0"]["pearson"] != whole["block 0"]["pearson"]
    assert own["all"]["granularity"] == "block"


def test_noise_stands_beside_agreement():
    known = noise(torch.eye(3) + 1.0, "exact")
    found = rows(noise={"rloo": known})
    assert found["rloo", "all"]["variance"] == known.variance
    assert "variance" not in found["rloo", "block 0"]
    assert "variance" not in found["grpo", "all"]


def test_granularity_is_the_coarsest_constant_part():
    batch = Rollouts.from_lists(
        tokens=[[1, 2, 3, 4], [5, 6]],
        rewards=[0.0, 0.0],
        group=[0, 0],
        block=[[0, 0, 1, 1], [0, 1]],
        segment=[[0, 0, 1, 2], [0, 0]],
    )
    for advantage, expected in (
        ([1, 1, 1, 1, 2, 2], "completion"),
        ([1, 1, 2, 2, 3, 4], "block"),
        ([1, 1, 2, 3, 4, 4], "segment"),
        ([1, 2, 2, 3, 4, 4], "token"),
    ):
        assert compare.granularity(batch, credit(torch.tensor(advantage).float())) == expected


def test_estimators_that_read_the_values_are_known_by_their_label():
    assert compare.shares_errors("vine")
    assert compare.shares_errors("vine:max_steps=5")
    assert not compare.shares_errors("rloo")
    assert not compare.shares_errors("mine")


def test_nothing_known_is_said():
    nothing = dataclasses.replace(
        measured(), mc_values=torch.full_like(measured().mc_values, torch.nan)
    )
    with pytest.raises(ValueError, match="no token has a known advantage of its reward"):
        compare.agreement(nothing, credits("rloo"))
