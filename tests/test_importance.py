"""How much the answer depends on a token: nothing, where it provably can not."""

import dataclasses

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.answered import answer
from explorer.importance import importance
from explorer.policy import load
from explorer.rollouts import sample

WAYS = [{"measure": "perturbation"}, {"measure": "gradient"}]


def batch(policy, **changes):
    """Four completions of three prompts; the answer is the last word of each."""
    drawn = tiny.rollouts(policy, groups=3, samples=4)
    last = torch.cat([drawn.sample[1:] != drawn.sample[:-1], torch.tensor([True])])
    pieces = ["7" if end else "x" for end in last.tolist()]
    return dataclasses.replace(drawn, pieces=pieces, **changes)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_measured_before_the_answer_only(way):
    rollouts = batch(tiny.policy())
    found = importance(tiny.policy(), rollouts, **way).importance
    assert found.isnan().tolist() == answer(rollouts).tolist()
    assert (found[~found.isnan()] > 0).all()


def test_hiding_a_word_that_looks_like_padding_changes_nothing():
    policy = tiny.policy()
    rollouts = batch(policy)
    with torch.no_grad():
        words = policy.model.get_input_embeddings().weight
        words[5] = words[0]
    found = importance(policy, rollouts, measure="perturbation").importance
    assert_close(found[(rollouts.tokens == 5) & ~found.isnan()].max(), torch.tensor(0.0))
    assert (found[(rollouts.tokens != 5) & ~found.isnan()] > 0).all()


@pytest.mark.parametrize("way", WAYS)
def test_without_attention_only_the_word_before_the_answer_matters(way):
    policy = tiny.policy()
    rollouts = batch(policy)
    with torch.no_grad():
        policy.model.model.layers[0].self_attn.v_proj.weight.zero_()
    found = importance(policy, rollouts, **way).importance
    before = answer(rollouts).roll(-1)
    assert (found[before] > 0).all()
    assert not found[~before & ~found.isnan()].any()


@pytest.mark.parametrize("micro", [1, 20, 60])
def test_the_size_of_a_pass_changes_no_perturbation(micro):
    policy = tiny.policy()
    rollouts = batch(policy)
    in_parts, whole = (
        importance(policy, rollouts, measure="perturbation", micro=size).importance
        for size in (micro, 10_000)
    )
    assert_close(in_parts, whole, equal_nan=True, atol=1e-6, rtol=1e-4)


def test_perturbation_is_the_divergence_by_hand():
    policy = tiny.policy()
    rollouts = batch(policy)
    first = rollouts.tokens[rollouts.sample == 0]
    prompt = torch.tensor(rollouts.prompt_tokens[0])
    ids = torch.cat([prompt, first])[None]
    hidden = ids.clone()
    hidden[0, len(prompt)] = 0  # the first word of the completion
    with torch.no_grad():
        p, q = (policy.model(input_ids=x).logits[0, -2].log_softmax(-1) for x in (ids, hidden))
    found = importance(policy, rollouts, measure="perturbation").importance
    assert_close(found[0], (p.exp() * (p - q)).sum(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_what_was_not_sampled_has_none(way):
    policy = tiny.policy()
    rollouts = batch(policy)
    mask = torch.arange(len(rollouts.tokens)) % 2 > 0
    found = importance(policy, dataclasses.replace(rollouts, mask=mask), **way).importance
    assert found[~mask].isnan().all()


@pytest.mark.parametrize("way", WAYS)
def test_a_completion_without_an_answer_has_none(way):
    policy = tiny.policy()
    rollouts = batch(policy)
    silent = dataclasses.replace(rollouts, pieces=["x"] * len(rollouts.tokens))
    assert importance(policy, silent, **way).importance.isnan().all()


def test_the_policys_gradients_are_left_alone():
    policy = tiny.policy()
    importance(policy, batch(policy))
    assert all(p.grad is None for p in policy.model.parameters())


def test_the_same_seed_draws_the_same_noise():
    policy = tiny.policy()
    one, two, other = (
        importance(policy, batch(policy), seed=seed).importance for seed in (1, 1, 2)
    )
    assert_close(one, two, equal_nan=True, rtol=0, atol=0)
    assert not torch.equal(one.nan_to_num(), other.nan_to_num())


def test_both_agree_in_rank_on_the_shipped_policy():
    policy = load(device="cpu")
    task = catalog.load("tasks", "chain")()
    rollouts = sample(
        policy,
        task,
        task.problems(0, 6),
        samples=4,
        max_new_tokens=64,
        temperature=1.0,
        seed=0,
    )
    hidden, slope = (importance(policy, rollouts, **way).importance for way in WAYS)
    agreement = []
    for i in range(24):
        own = (rollouts.sample == i) & ~hidden.isnan()
        ranks = torch.stack([x[own].argsort().argsort().double() for x in (hidden, slope)])
        agreement.append(torch.corrcoef(ranks)[0, 1].item())
    assert sum(agreement) / 24 > 0.4  # chance is 0; LOG.md has the number over more completions
