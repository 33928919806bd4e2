"""Where the noise sits: a sum over tokens that is the variance, by hand and on real gradients."""

import dataclasses

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer import catalog, gradients, ragged, scores, sketch
from explorer.contributions import contributions, parts, totals
from explorer.estimators.grpo import grpo
from explorer.policy import score
from explorer.types import Rollouts

POLICY = tiny.policy()
BATCH = tiny.rollouts(POLICY, groups=4)
MEAN = torch.full(BATCH.tokens.shape, 1 / 12)
CREDIT = {"grpo": catalog.run(grpo, BATCH)}
PUSH = gradients.pushes(BATCH, CREDIT, MEAN)["grpo"]


def two_groups(tokens: int = 2) -> Rollouts:
    rows = [[3] * tokens, [3]]
    return Rollouts.from_lists(tokens=rows, rewards=[0.0, 1.0], group=[0, 1])


def test_by_hand():
    # H = (1, 2) and (1, 0), mean (1, 1): variance = ((0, 1)^2 + (0, -1)^2) / (2 (2 - 1)) = 1.
    # Token 0 lies across (H - mean), token 1 along it, the last one across.
    table = torch.tensor([[1.0, 0.0], [0.0, 4.0], [1.0, 0.0]])
    push = torch.tensor([1.0, 0.5, 1.0])
    found = contributions(table, two_groups(), push)
    assert_close(found.whole, torch.tensor([0.0, 1.0, 0.0]))
    assert_close(found.own, torch.tensor([0.25, 1.0, 0.25]))  # |q Z|^2 / (2 * 2)
    assert_close(found.shared, torch.tensor([-0.25, 0.0, -0.25]))  # the two agree, so both lose


def test_a_token_against_its_group_takes_noise_away():
    # H = -1 = 1 - 2 and 1: the first token pulls its group towards the mean
    table = torch.tensor([[1.0], [-2.0], [1.0]])
    found = contributions(table, two_groups(), torch.ones(3))
    assert_close(found.whole, torch.tensor([-0.5, 1.0, 0.5]))
    assert (
        float(found.whole.sum())
        == scores.projected(scores.sums(table, two_groups(), torch.ones(3)), "x").variance
        == 1.0
    )


@given(
    groups=st.integers(2, 5),
    covered=st.integers(2, 5),
    seed=st.integers(0, 99),
    width=st.sampled_from([1, 3, 16]),
)
def test_they_add_up_to_the_variance(groups, covered, seed, width):
    batch = tiny.rollouts(POLICY, groups=groups, seed=seed)
    known = (batch.group < covered)[batch.sample]
    draw = torch.Generator().manual_seed(seed)
    table = torch.randn(int(known.sum()), width, generator=draw)
    push = torch.randn(len(batch.tokens), generator=draw)
    found = contributions(table, batch, push)
    noise = scores.projected(scores.sums(table, batch, push), "sketch", batch=groups)
    assert noise.groups == min(groups, covered)
    assert_close(float(found.whole[known].double().sum()), noise.variance, rtol=1e-4, atol=1e-6)
    assert found.whole[~known].isnan().all()
    by_sample = totals(found, batch.sample)
    first = torch.tensor([int((batch.sample == i).nonzero()[0]) for i in range(3 * groups)])
    assert_close(by_sample.whole[first].sum(), found.whole[known].sum(), rtol=1e-4, atol=1e-5)


def whole_gradients() -> torch.Tensor:
    rows = []
    for i in range(len(BATCH.rewards)):
        logprobs = score(POLICY, ragged.of_sample(BATCH, i)).logprobs
        for one in logprobs:
            pulled = torch.autograd.grad(one, list(POLICY.model.parameters()), retain_graph=True)
            rows.append(torch.cat([g.flatten() for g in pulled]))
    return torch.stack(rows)


def test_whole_gradients_give_the_exact_variance():
    found = contributions(whole_gradients(), BATCH, PUSH)
    exact = gradients.exact(POLICY, BATCH, CREDIT, MEAN)["grpo"]
    assert_close(float(found.whole.double().sum()), exact.variance, rtol=1e-4, atol=0)


def test_a_projection_is_unbiased_token_by_token():
    truth = contributions(whole_gradients(), BATCH, PUSH)
    drawn = [
        contributions(sketch.reverse(POLICY, BATCH, width=16, seed=s), BATCH, PUSH)
        for s in range(100)
    ]
    for field in ("whole", "own"):
        x = torch.stack([getattr(one, field) for one in drawn])
        off = (x.mean(0) - getattr(truth, field)) / (x.std(0) / 10).clamp(min=1e-12)
        assert off.abs().max() < 4.5  # of 40 tokens
        assert off.abs().mean() < 1.2


def test_a_token_that_gets_nothing_adds_nothing():
    push = PUSH.clone()
    push[3] = 0.0
    found = contributions(whole_gradients(), BATCH, push)
    assert (found.whole[3], found.own[3]) == (0, 0)


def test_shares_by_block_and_stratum_by_hand():
    # H = 6 and 2, mean 4: (3, 2, 1) (6 - 4) / 2 and 2 (2 - 4) / 2 add up to 4
    batch = dataclasses.replace(
        two_groups(3),
        block=torch.tensor([0, 1, -1, 1]),
        outcomes=torch.tensor([[0, 1], [0, 0]]),
    )
    table = torch.tensor([[3.0], [2.0], [1.0], [2.0]])
    found = contributions(table, batch, torch.ones(4))
    shares = parts(found, batch, blocks=["solution", "check"], outcomes=["wrong", "right"])
    assert {name: part.own + part.shared for name, part in shares.items()} == {
        "between": 0.25, "solution": 0.75, "check | wrong": -0.5, "check | right": 0.5
    }  # fmt: skip


def test_shares_add_up_to_one_and_nothing_has_none():
    found = contributions(whole_gradients(), BATCH, PUSH)
    shares = parts(found, BATCH, blocks=[], outcomes=[])
    assert list(shares) == ["between"]
    assert_close(shares["between"].own + shares["between"].shared, 1.0)
    nothing = contributions(whole_gradients(), BATCH, 0 * PUSH)
    assert parts(nothing, BATCH, blocks=[], outcomes=[]) == {}


def test_one_group_is_too_few():
    with pytest.raises(ValueError, match="at least 2 prompt groups"):
        contributions(torch.ones(2, 1), tiny.rollouts(POLICY, groups=1, samples=1), torch.ones(2))
