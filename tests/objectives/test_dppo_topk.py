"""Five tokens, mu = (.6, .2, .1, .06, .04), pi = (.45, .3, .15, .05, .05), K = 2, token 4."""

import dataclasses

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer import learn
from explorer.objectives.dppo import dppo
from explorer.objectives.dppo_topk import dppo_topk
from explorer.policy import measure, score

MU = torch.tensor([0.6, 0.2, 0.1, 0.06, 0.04], dtype=torch.float64)
PI = torch.tensor([0.45, 0.3, 0.15, 0.05, 0.05], dtype=torch.float64)


def weight(mu=MU, pi=PI, token=4, advantage=1.0, **settings) -> float:
    top = mu.argsort(descending=True)
    new = pi[[token]].log().requires_grad_()
    dppo_topk(
        new,
        mu[[token]].log(),
        pi[top].log()[None],
        mu[top].log()[None],
        top[None],
        torch.tensor([token]),
        torch.tensor([advantage]).double(),
        **settings,
    ).backward()
    assert new.grad is not None
    return -new.grad.item() / advantage


@pytest.mark.parametrize(
    ("divergence", "k", "distance"),
    [("tv", 2, 0.15), ("tv", 5, 0.16), ("kl", 2, 0.04689), ("kl", 5, 0.05298)],
)
def test_the_divergence(divergence, k, distance):
    for delta, expected in ((distance + 1e-5, 1.25), (distance - 1e-5, 0)):
        bound = {f"delta_{divergence}": delta}
        assert weight(k=k, divergence=divergence, **bound) == pytest.approx(expected)


def test_only_the_way_away_is_barred():
    assert weight(advantage=-1.0, k=2, delta_tv=0.0) == pytest.approx(1.25)


def test_the_cap():
    assert weight(c=1.0, k=2, delta_tv=0.5) == pytest.approx(1)


@given(
    seed=st.integers(0, 2**32 - 1),
    divergence=st.sampled_from(["tv", "kl"]),
    delta=st.floats(0.001, 0.5),
)
def test_a_finer_look_never_sees_less(seed, divergence, delta):
    """What is barred by the binary divergence is by top-K, and what is by that is by the full."""
    dice = torch.Generator().manual_seed(seed)
    mu, pi = (torch.rand(5, generator=dice).double() * 4).softmax(0), MU
    token = int(torch.randint(5, (1,), generator=dice))
    settings = {"divergence": divergence, "delta_tv": delta, "delta_kl": delta}
    new, old = (x[[token]].log() for x in (pi, mu))
    a = torch.ones(1).double()
    barred = [
        not dppo(new, old, a, **settings).item(),
        *(not weight(mu, pi, token, k=k, **settings) for k in (2, 5)),
    ]
    assert barred == sorted(barred)


def test_what_it_reads_is_measured_and_handed_over():
    """A bound of 0 bars every move; a policy that did not move since is not barred."""
    sampler, policy = tiny.policy(), tiny.policy(seed=1)
    rollouts = measure(sampler, tiny.rollouts(sampler), top=4)
    rollouts = dataclasses.replace(
        rollouts,
        logprobs=rollouts.old_logprobs,
        logged_advantages=torch.ones_like(rollouts.old_logprobs),
    )
    assert rollouts.top_logprobs.shape == (len(rollouts.tokens), 4)
    best = score(sampler, rollouts).top_logprobs
    assert_close(best, rollouts.top_logprobs)

    c = torch.ones(len(rollouts.tokens))
    loss = learn.loss_of(dppo_topk, {"delta_tv": 0.0, "c": 1.0})
    for learner in (sampler, policy):
        now = score(learner, rollouts)
        got = learn.backward(learner, rollouts, c, loss, temperature=1.0, micro=10_000)
        fell = now.logprobs <= rollouts.logprobs
        weight = (now.logprobs - rollouts.logprobs).exp().clamp(max=1.0).where(fell, 0.0)
        expected = -(weight * now.logprobs).sum()
        assert got == pytest.approx(expected.item(), rel=1e-4)
