"""Sampling: the log-probabilities are the policy's, and the tokens follow them."""

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer.engines.transformers import transformers
from explorer.policy import score
from explorer.types import Rollouts

EOS = 2
PROMPTS = [[3, 4, 5], [6], [7, 8, 9, 10, 11]]


def sampled(policy, prompts=PROMPTS, **chosen):
    usual = {"samples": 6, "max_new_tokens": 20, "temperature": 1.0, "seed": 0}
    return transformers(policy, prompts, **(usual | chosen))


def flat(completions):
    return [completion for group in completions for completion in group]


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_logprobs_are_those_of_a_forward_pass_without_padding(temperature):
    policy = tiny.policy(layers=2)
    completions = sampled(policy, temperature=temperature)
    everything = Rollouts.from_lists(
        tokens=[c.tokens for c in flat(completions)],
        logprobs=[c.logprobs for c in flat(completions)],
        rewards=[0] * 18,
        group=[g for g in range(3) for _ in range(6)],
        prompt_tokens=PROMPTS,
    )
    assert len({len(c.tokens) for c in flat(completions)}) > 4  # rows ended at different steps
    again = score(policy, everything, temperature=temperature).logprobs
    assert_close(everything.logprobs, again.detach(), atol=1e-5, rtol=0)


def test_tokens_follow_the_distribution():
    policy = tiny.policy()
    counts = torch.zeros(tiny.WORDS)
    for completion in flat(sampled(policy, [[3, 4]], samples=4000, max_new_tokens=1)):
        counts[completion.tokens[0]] += 1
    with torch.no_grad():
        pi = policy.model(torch.tensor([[3, 4]])).logits[0, -1].softmax(-1)
    chi_squared = float(((counts - 4000 * pi).square() / (4000 * pi)).sum())
    assert chi_squared < 31.3  # 99.9 % of the distribution with 11 degrees of freedom


def test_a_seed_repeats_and_another_does_not():
    policy = tiny.policy()
    assert sampled(policy, seed=1) == sampled(policy, seed=1)
    assert sampled(policy, seed=1) != sampled(policy, seed=2)


def test_the_end_is_the_last_token_and_nothing_follows():
    completions = flat(sampled(tiny.policy(), samples=40))
    assert {c.finished for c in completions} == {True, False}
    for completion in completions:
        assert completion.finished == (completion.tokens[-1] == EOS)
        assert EOS not in completion.tokens[:-1]
        assert completion.finished or len(completion.tokens) == 20
        assert len(completion.tokens) == len(completion.logprobs)


def test_temperature_0_is_greedy_whatever_stands_beside():
    policy = tiny.policy(layers=2)
    together = sampled(policy, temperature=0, samples=1)
    for prompt, (completion,) in zip(PROMPTS, together, strict=True):
        greedy = policy.model.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.int64),
            do_sample=False,
            max_new_tokens=20,
        )
        assert completion.tokens == greedy[0, len(prompt) :].tolist()
        assert completion.logprobs == [0.0] * len(completion.tokens)


def test_it_stops_when_all_have_ended():
    policy = tiny.policy()
    passes = []
    policy.model.register_forward_hook(lambda *_: passes.append(1))
    # Near-uniform: the end comes after 12 tokens on average.
    completions = flat(sampled(policy, samples=2, max_new_tokens=50, temperature=50))
    assert len(passes) == max(len(c.tokens) for c in completions) < 50


def test_bad_prompts_are_one_sentence():
    policy = tiny.policy()
    with pytest.raises(ValueError, match="a prompt without tokens"):
        sampled(policy, [[3], []])
    with pytest.raises(ValueError, match="up to 68 tokens, but the policy has 64 positions"):
        sampled(policy, [[3] * 8], max_new_tokens=60)
    assert sampled(policy, []) == []


def test_a_broken_policy_is_one_sentence():
    policy = tiny.policy()
    with torch.no_grad():
        policy.model.lm_head.weight.fill_(torch.nan)
    with pytest.raises(ValueError, match="its weights are broken"):
        sampled(policy)
