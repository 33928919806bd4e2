"""The nearest estimator, and those that a batch can not tell apart from it."""

import dataclasses
import math

import pytest
import torch
from torch.testing import assert_close

from explorer.nearest import behind
from explorer.types import Credit, Rollouts

PROMPTS, LENGTH = 24, 8


def batch(prompts: int = PROMPTS) -> Rollouts:
    """One completion a prompt with random values before its tokens, known without error."""
    draw = torch.Generator().manual_seed(0)
    values = torch.randn(prompts, LENGTH, generator=draw).tolist()
    return Rollouts.from_lists(
        tokens=[[1] * LENGTH] * prompts,
        rewards=[0.5] * prompts,
        group=list(range(prompts)),
        mc_values=values,
        mc_sem=[[0.0] * LENGTH] * prompts,
    )


def credit(advantage: torch.Tensor) -> Credit:
    return Credit(target=advantage, baseline=torch.zeros_like(advantage))


def credits(rollouts: Rollouts) -> dict[str, Credit]:
    """The truth with little noise, with as little of another kind, with much, and a constant."""
    value, last = rollouts.mc_values, torch.arange(len(rollouts.tokens)) % LENGTH == LENGTH - 1
    truth = torch.where(last, 0.5, value.roll(-1)) - value
    draw = torch.Generator().manual_seed(1)
    noise = {
        name: size * torch.randn(len(truth), generator=draw)
        for name, size in {"good": 0.5, "as good": 0.5, "poor": 3.0}.items()
    }
    found = {name: credit(truth + extra) for name, extra in noise.items()}
    return found | {"level": credit(torch.ones_like(truth)), "true_advantage": credit(truth)}


@pytest.mark.parametrize("measure", ["pearson", "spearman", "sign", "rmse", "unexplained"])
def test_what_is_far_is_told_apart_and_what_is_near_is_not(measure):
    rollouts = batch()
    rows = behind(rollouts, credits(rollouts), measure)
    found = {row["estimator"]: row for row in rows}
    assert {rows[0]["estimator"], rows[1]["estimator"]} >= {"good", "as good"} - {"level"}
    assert rows[0]["behind"] == rows[0]["behind_low"] == rows[0]["behind_high"] == 0
    assert not rows[1]["apart"]
    assert found["poor"]["apart"]
    assert 0 < found["poor"]["behind_low"] < found["poor"]["behind"] < found["poor"]["behind_high"]


def test_the_truth_itself_and_what_has_no_number_are_left_out():
    rollouts = batch()
    names = {row["estimator"] for row in behind(rollouts, credits(rollouts))}
    assert names == {"good", "as good", "poor"}


def test_the_same_estimator_in_other_units_is_not_behind():
    rollouts = batch()
    good = credits(rollouts)["good"]
    pair = {"one": good, "twice": dataclasses.replace(good, scale=0.5)}
    for row in behind(rollouts, pair):
        assert_close(row["behind_high"], 0.0)
        assert not row["apart"]


def test_one_prompt_tells_nothing_apart():
    rollouts = batch(1)
    rows = behind(rollouts, credits(rollouts))
    assert all(math.isnan(row["behind_low"]) and not row["apart"] for row in rows)


def test_a_part_that_is_not_there_is_named():
    rollouts = batch()
    with pytest.raises(ValueError, match="there is no part 'block 7'; there are all, decile 0"):
        behind(rollouts, credits(rollouts), scope="block 7")
