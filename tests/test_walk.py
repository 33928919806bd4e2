"""Continuations against an enumeration of all completions of a tiny policy."""

import dataclasses
import itertools
from collections import Counter

import pytest
import tiny
import torch

from explorer.policy import score
from explorer.positions import Prefix
from explorer.types import Rollouts
from explorer.walk import walk

POLICY = tiny.policy(layers=2)
END, LONGEST = 2, 3
PROMPTS = [[5, 6, 7], [8, 9, 3, 4, 5]]
COMPLETIONS = [[4, 5, 6], [4, 6, 2], [7, 7, 7]]
PREFIXES = [Prefix(0, 0, 0), Prefix(0, 0, 1), Prefix(0, 1, 2), Prefix(1, 2, 0), Prefix(1, 2, 2)]


def ways(length: int) -> list[list[int]]:
    """All completions of at most `length` tokens: ended by END, or cut off."""
    inner = [w for w in range(tiny.WORDS) if w != END]
    ended = [[*w, END] for n in range(length) for w in itertools.product(inner, repeat=n)]
    return ended + [list(w) for w in itertools.product(inner, repeat=length)]


def chances(prefix: Prefix, temperature: float = 1.0) -> dict[tuple[int, ...], float]:
    """The probability of each whole completion, given the prefix."""
    head = COMPLETIONS[prefix.sample][: prefix.length]
    rows = [head + way for way in ways(LONGEST - prefix.length)]
    batch = Rollouts.from_lists(
        tokens=rows,
        rewards=[0.0] * len(rows),
        group=[0] * len(rows),
        prompt_tokens=[PROMPTS[prefix.group]],
    )
    with torch.no_grad():
        logprobs = score(POLICY, batch, temperature=temperature).logprobs.double()
    parts = logprobs.split([len(row) for row in rows])
    found = [float(part[len(head) :].sum().exp()) for part in parts]
    return {tuple(row): p for row, p in zip(rows, found, strict=True)}


def continued(times: int, seed: int = 0, temperature: float = 1.0, prefixes=PREFIXES):
    return walk(
        POLICY,
        prefixes,
        times,
        prompts=PROMPTS,
        completions=COMPLETIONS,
        max_new_tokens=LONGEST,
        temperature=temperature,
        seed=seed,
    )


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_every_ending_comes_as_often_as_its_probability_says(temperature):
    times = 20_000
    endings = continued(times, temperature=temperature)
    for n, prefix in enumerate(PREFIXES):
        seen = Counter()
        for ending in endings:
            if n in ending.times:
                assert ending.group == prefix.group
                seen[tuple(ending.completion.tokens)] += ending.times[n]
                assert ending.completion.finished == (ending.completion.tokens[-1] == END)
        assert sum(seen.values()) == times
        expected = chances(prefix, temperature)
        assert abs(sum(expected.values()) - 1) < 1e-5
        assert seen.keys() <= expected.keys()
        often = {w: p for w, p in expected.items() if p * times >= 10}
        statistic = sum((seen[w] - p * times) ** 2 / (p * times) for w, p in often.items())
        freedom = len(often)  # the rare ones are the last class
        assert abs(statistic - freedom) < 5 * (2 * freedom) ** 0.5


def test_two_prefixes_of_one_state_are_independent():
    # Were the draws shared, the two counts would be equal; independent ones differ by chance.
    twice = [Prefix(0, 0, 1), Prefix(0, 1, 1)]  # both are after [4]
    apart = []
    for seed in range(200):
        endings = continued(16, seed=seed, prefixes=twice)
        ended = [[e.times.get(n, 0) for n in (0, 1)] for e in endings if e.completion.finished]
        apart.append([sum(column) for column in zip(*ended, strict=True)] or [0, 0])
    a, b = torch.tensor(apart).double().T
    assert abs(torch.corrcoef(torch.stack([a, b]))[0, 1]) < 4 / 200**0.5
    assert a.std() > 0


def test_states_are_computed_once(monkeypatch):
    rows = []
    forward = POLICY.model.forward

    def counted(*args, **kwargs):
        rows.append(kwargs["input_ids"].shape)
        return forward(*args, **kwargs)

    monkeypatch.setattr(POLICY.model, "forward", counted)
    endings = continued(5000)
    states = {(e.group, tuple(e.completion.tokens[:d])) for e in endings for d in range(LONGEST)}
    ended = {(e.group, tuple(e.completion.tokens)) for e in endings if e.completion.finished}
    assert sum(n for n, _ in rows) == len(states - ended)


def test_the_same_seed_gives_the_same_endings():
    assert continued(50, seed=7) == continued(50, seed=7)
    assert continued(50, seed=7) != continued(50, seed=8)


def test_a_prefix_at_the_limit_is_cut_off():
    (ending,) = continued(4, prefixes=[Prefix(0, 0, 3)])
    assert ending.completion.tokens == [4, 5, 6]
    assert not ending.completion.finished
    assert ending.times == {0: 4}


def test_a_cold_policy_has_no_value():
    with pytest.raises(ValueError, match="positive temperature"):
        continued(1, temperature=0.0)


def test_broken_weights_are_named():
    broken = tiny.policy()
    with torch.no_grad():
        broken.model.lm_head.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="its weights are broken"):
        walk(
            dataclasses.replace(broken),
            PREFIXES,
            1,
            prompts=PROMPTS,
            completions=COMPLETIONS,
            max_new_tokens=2,
            temperature=1.0,
            seed=0,
        )
