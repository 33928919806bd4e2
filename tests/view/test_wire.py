"""The wire: what goes in comes out, within half a level, with its sign."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close
from view.made import BLOCKS, OUTCOMES, batch, credits

from explorer.types import Credit, Rollouts
from explorer.view.body import parted, spread
from explorer.view.quantise import MASKED, dequantise
from explorer.view.still import still
from explorer.view.text import pieces_of
from explorer.view.wire import pack, unpack

ROLLOUTS = batch()
CREDITS = credits(ROLLOUTS)


def test_terms_give_back_the_advantage():
    n = len(ROLLOUTS.tokens)
    for got in unpack(pack(ROLLOUTS, CREDITS))["estimators"]:
        term = {k: spread(v, n).astype(np.float64) for k, v in got["terms"].items()}
        a = term["weight"] * (term["target"] - term["baseline"]) / term["scale"] + term["bonus"]
        assert_close(torch.tensor(a).float(), CREDITS[got["name"]].advantage, atol=1e-6, rtol=1e-6)


def test_strips_are_within_half_a_level():
    for got in unpack(pack(ROLLOUTS, CREDITS))["estimators"]:
        true = CREDITS[got["name"]].advantage.numpy()
        inside = ROLLOUTS.mask.numpy() & (np.abs(true) <= got["scale"])
        error = np.abs(dequantise(got["strip"], got["scale"]) - true)[inside]
        assert error.max() <= got["scale"] / 254 * (1 + 1e-5)


def test_what_was_not_sampled_is_masked_and_not_zero():
    got = unpack(pack(ROLLOUTS, CREDITS))["estimators"][0]
    assert ((got["strip"] == MASKED) == ~ROLLOUTS.mask.numpy()).all()
    assert got["masked"] == pytest.approx(1 - ROLLOUTS.mask.float().mean().item())


def test_what_has_no_number_is_masked_and_counted():
    target = torch.tensor([1.0, float("nan"), 0.0])
    rollouts = Rollouts.from_lists(tokens=[[1, 2, 3]], rewards=[1], group=[0])
    got = unpack(pack(rollouts, {"x": Credit(target=target, baseline=torch.zeros(3))}))
    assert got["estimators"][0]["not_a_number"].tolist() == [1]
    assert got["estimators"][0]["masked"] == 0
    assert got["estimators"][0]["strip"].tolist() == [127, MASKED, 0]


@given(st.lists(st.lists(st.text(max_size=4), max_size=5), min_size=1, max_size=4))
def test_text_survives(rows):
    rollouts = Rollouts.from_lists(
        tokens=[[0] * len(row) for row in rows],
        rewards=[0.0] * len(rows),
        group=[0] * len(rows),
        pieces=rows,
    )
    zero = torch.zeros(len(rollouts.tokens))
    text = unpack(pack(rollouts, {"x": Credit(target=zero, baseline=zero)}))["text"]
    assert [pieces_of(text, i) for i in range(len(rows))] == rows


def test_half_of_a_surrogate_pair_is_replaced():
    rollouts = Rollouts.from_lists(
        tokens=[[0, 1]], rewards=[0.0], group=[0], pieces=[["a\ud83d", "\U0001f600"]]
    )
    packed = pack(rollouts, {"x": Credit(target=torch.zeros(2), baseline=torch.zeros(2))})
    assert pieces_of(unpack(packed)["text"], 0) == ["a\ufffd", "\U0001f600"]
    assert "a\ufffd" in still(packed)


def test_detail_limits_what_travels():
    whole, part = pack(ROLLOUTS, CREDITS), pack(ROLLOUTS, CREDITS, detail=[3, 1])
    assert len(part) < len(whole)
    got = unpack(part)
    assert got["detail"] == [1, 3]
    sample = ROLLOUTS.sample.numpy()
    chosen = (sample == 1) | (sample == 3)
    sent = got["estimators"][2]["terms"]["baseline"]["dense"]
    assert (sent == ROLLOUTS.values.numpy()[chosen]).all()


def test_strata_of_the_conditioned_baseline():
    got = unpack(pack(ROLLOUTS, CREDITS, blocks=BLOCKS, outcomes=OUTCOMES))
    strata = [s for s in got["estimators"][0]["strata"] if s["block"] == 1]
    for s in strata:
        of = (ROLLOUTS.group == s["group"]) & (ROLLOUTS.outcomes[:, 1] == s["outcome"])
        assert s["n"] == int(of.sum())
        assert s["mean"] == pytest.approx(ROLLOUTS.block_rewards[of, 1].mean().item(), abs=1e-6)
        assert s["baseline"] == pytest.approx(s["mean"], abs=1e-6)
    assert sum(s["n"] for s in strata) == len(ROLLOUTS.rewards)


def test_prompts_keep_the_numbers_that_they_are_given():
    packed = pack(ROLLOUTS, CREDITS, groups=[3, 5, 7, 9])
    assert unpack(packed)["groups"] == [3, 5, 7, 9]
    assert unpack(pack(ROLLOUTS, CREDITS))["groups"] is None
    with pytest.raises(ValueError, match="groups numbers 1 prompts, the batch has 4"):
        pack(ROLLOUTS, CREDITS, groups=[3])


def test_what_was_not_measured_is_told_among_what_has_no_number():
    target = torch.tensor([1.0, float("nan"), float("nan")])
    rollouts = Rollouts.from_lists(tokens=[[1, 2, 3]], rewards=[1], group=[0])
    missing = {"x": torch.tensor([True, False, True])}
    credit = {"x": Credit(target=target, baseline=torch.zeros(3))}
    (got,) = unpack(pack(rollouts, credit, unmeasured=missing))["estimators"]
    assert (got["not_a_number"].tolist(), got["unmeasured"].tolist()) == ([1, 2], [2])


def test_a_class_that_spans_blocks_names_none():
    got = unpack(pack(ROLLOUTS, CREDITS))["estimators"][1]["strata"]
    assert [s["group"] for s in got] == [0, 1, 2, 3]
    assert {s["block"] for s in got} == {None}


def test_nothing_measured_is_no_field():
    bare = dataclasses.replace(ROLLOUTS, entropy=None, values=None, pieces=None, segment=None)
    got = unpack(pack(bare, {"grpo": CREDITS["grpo"]}))
    assert set(got["measures"]) == {"logprobs", "mc_values", "mc_sem"}
    assert got["text"] is None
    assert got["segment"] is None


def test_a_reward_that_was_not_given_is_null():
    rewards = ROLLOUTS.block_rewards.clone()
    rewards[0, 1] = float("nan")
    got = unpack(pack(dataclasses.replace(ROLLOUTS, block_rewards=rewards), CREDITS))
    assert got["block_rewards"][0][1] is None


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="at least one estimator"):
        pack(ROLLOUTS, {})
    short = Credit(target=torch.zeros(2), baseline=torch.zeros(2))
    with pytest.raises(ValueError, match="short credits 2 tokens"):
        pack(ROLLOUTS, {"short": short})
    many = Rollouts.from_lists(tokens=[[0]] * 513, rewards=[0.0] * 513, group=[0] * 513)
    with pytest.raises(ValueError, match="up to 512 samples, got 513"):
        pack(many, {"x": Credit(target=torch.zeros(513), baseline=torch.zeros(513))})


def test_the_mean_of_a_stratum_is_over_samples_and_not_parted_by_masked_tokens():
    rollouts = Rollouts.from_lists(tokens=[[1, 2, 3, 4], [5]], rewards=[0, 0], group=[0, 0])
    peers = torch.tensor([0, -1, 0, 0, 0])
    target = torch.tensor([1.0, float("nan"), 4.0, 4.0, 7.0])
    credit = Credit(target=target, baseline=torch.full((5,), 5.0), peers=peers)
    (one,) = unpack(pack(rollouts, {"x": credit}))["estimators"][0]["strata"]
    assert one == {"class": 0, "n": 2, "group": 0, "mean": 5.0, "baseline": 5.0}


def test_estimators_that_compare_the_same_tokens_share_what_is_known_of_them():
    packed = pack(ROLLOUTS, CREDITS)
    header, _ = parted(packed)
    whole = {e["name"]: e["strata"] for e in header["estimators"] if e["strata"]}
    assert whole["grpo"]["of"] == whole["rloo"]["of"] != whole["bae"]["of"]
    assert len(header["classes"]) == 3
    got = {e["name"]: e["strata"] for e in unpack(packed)["estimators"]}
    assert [s["n"] for s in got["grpo"]] == [8] * 4


def test_what_lies_in_one_place_travels_once():
    zero = torch.zeros_like(ROLLOUTS.values)
    credit = Credit(target=ROLLOUTS.values, baseline=zero)
    twice = pack(
        ROLLOUTS, {"a": credit, "b": Credit(target=ROLLOUTS.values.clone(), baseline=zero)}
    )
    once = pack(ROLLOUTS, {"a": credit, "b": Credit(target=ROLLOUTS.values, baseline=zero)})
    assert len(twice) - len(once) >= 4 * len(zero)
    assert (
        unpack(once)["estimators"][1]["terms"]["target"]["dense"] == ROLLOUTS.values.numpy()
    ).all()
