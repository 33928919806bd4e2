"""Pretraining: the tokenizer, a short run, and the policy that ships."""

import re
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.policy import load
from explorer.pretrain import PRESETS, evaluate, fresh, pretrain, tokenizer
from explorer.rollouts import sample
from explorer.tasks.chain import chain

TASK = chain()
EASY = chain(terms=2, largest=4)
WORDS = tokenizer(TASK)


def test_a_tag_is_one_token_and_so_is_a_digit():
    assert WORDS.tokenize("<answer>18</answer>") == ["<answer>", "1", "8", "</answer>"]


@given(st.integers(0, 1000))
def test_gold_survives_the_tokenizer(seed):
    (problem,) = TASK.problems(seed, 1)
    text = problem.prompt + TASK.gold(problem)
    ids = WORDS.encode(text)
    assert WORDS.decode(ids) == "<bos>" + text
    assert WORDS.unk_token_id not in ids


@given(st.integers(0, 1000))
def test_a_novice_writes_the_format_and_slips(seed):
    dice = Random(seed)
    problems = TASK.problems(seed, 200)
    judged = [TASK.judge(p, TASK.novice(p, dice)) for p in problems]
    assert all(judgement.confidence is not None for judgement in judged)
    assert 0.55 < sum(judgement.correct for judgement in judged) / 200 < 0.9


@given(st.text())
def test_any_text_is_tokens(text):
    ids = WORDS.encode(text, add_special_tokens=False)
    assert len(ids) <= len(text)
    assert all(0 <= i < len(WORDS) for i in ids)


def test_what_is_not_in_the_vocabulary_is_unknown():
    ids = WORDS.encode("1é\n<think>2", add_special_tokens=False)
    assert WORDS.convert_ids_to_tokens(ids) == ["1", "<unk>", "<unk>", "<unk>", "2"]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_vocabulary_is_the_models(preset):
    policy = fresh(TASK, PRESETS[preset], seed=0)
    assert policy.model.config.vocab_size == len(policy.tokenizer)
    assert policy.model.config.head_dim == 32


def weights(folder):
    return torch.cat([p.detach().flatten() for p in load(folder).model.parameters()])


def test_the_same_seed_gives_the_same_weights(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        torch.rand(3)  # whatever was drawn before
        list(pretrain(EASY, tmp_path / name, seed=seed, steps=3, batch=4, check_every=2))
    assert torch.equal(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not torch.equal(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_an_easy_task_is_half_learnt_in_seconds(tmp_path):
    rows = list(pretrain(EASY, tmp_path, batch=32, steps=150, success=0.5))
    *steps, last = rows
    assert [row["step"] for row in steps] == list(range(1, len(steps) + 1))
    assert steps[-1]["success"] >= 0.5
    assert len(steps) < 150
    assert steps[-1]["loss"] < steps[0]["loss"] / 4
    assert 0.4 < last["success"] < last["greedy"]
    assert last["brier"] > 0.2  # nothing was learnt about confidence


def test_stated_confidence_is_spread():
    policy = load()
    stated = sample(
        policy,
        TASK,
        TASK.problems(0, 64),
        samples=4,
        max_new_tokens=64,
        temperature=1.0,
        seed=0,
    ).confidence
    assert stated is not None
    assert stated.nanmean() == pytest.approx(0.5, abs=0.05)
    assert stated[~stated.isnan()].std() > 0.2
    assert stated.isnan().float().mean() < 0.02


def test_the_shipped_policy_is_right_half_of_the_time():
    policy = load(device="cpu")
    found = evaluate(policy, TASK, seed=7)
    assert 0.4 < found["success"] < 0.65
    assert found["ece"] > 0.1


def test_the_shipped_policy_goes_wrong_in_the_middle():
    rollouts = sample(
        load(), TASK, TASK.problems(3, 32), samples=4, max_new_tokens=64, temperature=1.0, seed=0
    )
    assert rollouts.segment_rewards is not None and rollouts.segment is not None
    corr = rollouts.segment_rewards[:, 0][rollouts.segment]
    right = torch.bincount(rollouts.sample[corr == 1], minlength=128) > 0
    wrong = torch.bincount(rollouts.sample[corr == 0], minlength=128) > 0
    assert (right & wrong).float().mean() > 0.2


def test_presets_are_named():
    with pytest.raises(ValueError, match=re.escape("no preset 'tiny'; there are small, large")):
        next(pretrain(TASK, "unused", preset="tiny"))
