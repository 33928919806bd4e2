"""The table of DPPO: probability of the sampler, of the policy, sign, weights, divergence."""

import pytest
import torch

from explorer.objectives.dppo import dppo


def weight(mu: float, pi: float, advantage: float, **settings) -> float:
    new = torch.tensor([pi], dtype=torch.float64).log().requires_grad_()
    old = torch.tensor([mu], dtype=torch.float64).log()
    dppo(new, old, torch.tensor([advantage]).double(), **settings).backward()
    assert new.grad is not None
    return -new.grad.item() / advantage


@pytest.mark.parametrize(
    ("mu", "pi", "advantage", "tv", "kl"),
    [
        (0.0001, 0.01, 1.0, 100, 100),
        (0.99, 0.80, -1.0, 0, 0),
        (0.5, 0.62, 1.0, 1.24, 1.24),
        (0.5, 0.70, 1.0, 0, 0),
        (0.5, 0.30, -1.0, 0, 0),
        (0.5, 0.30, 1.0, 0.6, 0.6),
        (0.05, 0.02, -1.0, 0.4, 0.4),
    ],
)
def test_gradient_weights(mu, pi, advantage, tv, kl):
    assert weight(mu, pi, advantage) == pytest.approx(tv)
    assert weight(mu, pi, advantage, divergence="kl") == pytest.approx(kl)


@pytest.mark.parametrize(("mu", "pi", "kl"), [(0.99, 0.8, 0.1810), (0.5, 0.62, 0.0297)])
def test_the_binary_divergence_in_nats(mu, pi, kl):
    advantage = 1.0 if pi > mu else -1.0
    for delta, free in ((kl + 0.0001, True), (kl - 0.0001, False)):
        assert bool(weight(mu, pi, advantage, divergence="kl", delta_kl=delta)) is free


def test_the_cap():
    assert weight(0.0001, 0.01, 1.0, c=3.0) == pytest.approx(3)


def test_certain_tokens_do_not_overflow():
    for divergence in ("tv", "kl"):
        assert weight(1.0, 1.0, -1.0, divergence=divergence) == pytest.approx(1)
        assert weight(1.0, 0.5, -1.0, divergence=divergence) == 0
