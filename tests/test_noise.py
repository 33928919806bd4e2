"""The simulation of groups as units, against moments that are exact by enumeration."""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from explorer.noise import from_norms, jackknife_sem, leave_one_out, moments, noise, t_quantile

PROMPTS, TOKENS, WORDS, GROUP, BATCH = 40, 4, 3, 8, 16
ESTIMATORS = {
    "reinforce": lambda r: r,
    "centred": lambda r: r - r.mean(-1, keepdim=True),
    "rloo": lambda r: (r - r.mean(-1, keepdim=True)) * GROUP / (GROUP - 1),
    "std": lambda r: (r - r.mean(-1, keepdim=True)) / (r.std(-1, keepdim=True) + 1e-6),
}


class World(NamedTuple):
    """A linear softmax policy over prompts with features; all 81 answers can be listed."""

    features: Tensor  # [prompts, features]
    pi: Tensor  # [prompts, tokens, words]
    answers: Tensor  # [answers, tokens]
    reward: Tensor  # [prompts, answers]


def world() -> World:
    draw = torch.Generator().manual_seed(0)
    features = torch.randn(PROMPTS, 16, generator=draw, dtype=torch.float64) / 4
    theta = torch.randn(16, TOKENS * WORDS, generator=draw, dtype=torch.float64) / 2
    pi = (features @ theta).view(PROMPTS, TOKENS, WORDS).softmax(-1)
    answers = torch.cartesian_prod(*[torch.arange(WORDS)] * TOKENS)
    wanted = torch.randint(WORDS, (PROMPTS, 1, TOKENS), generator=draw)
    reward = ((answers == wanted).sum(-1) >= 2).double()
    return World(features, pi, answers, reward)


def exact_moments(w: World, advantage) -> tuple[float, float]:
    """E |h|^2 and |E h|^2. Given the rewards, the scores of a group are independent."""
    chance = w.pi[:, torch.arange(TOKENS), w.answers].prod(-1)
    onehot = torch.nn.functional.one_hot(w.answers, WORDS).double()
    scores = (onehot - w.pi[:, None]).flatten(-2)  # by the logits: [prompts, answers, d]
    of = torch.stack([1 - w.reward, w.reward]) * chance  # [2, prompts, answers]
    p = of.sum(-1)
    mu = (of.unsqueeze(-1) * scores).sum(-2) / p.unsqueeze(-1)
    square = (of * scores.square().sum(-1)).sum(-1) / p
    first, second = torch.zeros_like(mu[0]), torch.zeros(PROMPTS, dtype=torch.float64)
    for k in range(GROUP + 1):  # k right answers come first
        weight = math.comb(GROUP, k) * p[1] ** k * p[0] ** (GROUP - k)
        a = advantage((torch.arange(GROUP) < k).double())
        total = a[:k].sum() * mu[1] + a[k:].sum() * mu[0]
        right, wrong = a[:k].square().sum(), a[k:].square().sum()
        own = right * (square[1] - mu[1].square().sum(-1))
        own = own + wrong * (square[0] - mu[0].square().sum(-1))
        first += weight[:, None] * total / GROUP
        second += weight * (total.square().sum(-1) + own) / GROUP**2
    mean = w.features.T @ first / PROMPTS
    return float((second * w.features.square().sum(-1)).mean()), float(mean.square().sum())


def batches(w: World, n: int):
    """Rewards [batch, group], scores [batch, group, d] and features [batch, f], n times."""
    draw = torch.Generator().manual_seed(1)
    for _ in range(n):
        prompt = torch.randint(PROMPTS, (BATCH,), generator=draw)
        flat = w.pi[prompt].flatten(0, 1)
        words = torch.multinomial(flat, GROUP, replacement=True, generator=draw)
        words = words.view(BATCH, TOKENS, GROUP).transpose(1, 2)
        place = (words * torch.tensor([27, 9, 3, 1])).sum(-1)
        onehot = torch.nn.functional.one_hot(words, WORDS).double()
        scores = (onehot - w.pi[prompt][:, None]).flatten(-2)
        yield w.reward[prompt[:, None], place], scores, w.features[prompt]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_groups_are_the_units(name):
    w, advantage, n = world(), ESTIMATORS[name], 500
    square, signal = exact_moments(w, advantage)
    truth = (square - signal) / BATCH
    rows = []
    for rewards, scores, features in batches(w, n):
        own = advantage(rewards)[..., None] * scores
        of_group = own.mean(1)
        measured = noise((of_group @ of_group.T) * (features @ features.T), "exact")
        whole = torch.einsum("pf,pgd->pgfd", features, own).flatten(0, 1).flatten(1)
        completions = float(whole.var(0).sum()) / len(whole)
        naive = float(whole.mean(0).square().sum())
        inside = measured.low <= signal / truth <= measured.high
        rows.append([measured.variance, measured.signal, completions, naive, inside])
    table = torch.tensor(rows, dtype=torch.float64)
    mean, sem = table.mean(0), table.std(0) / n**0.5
    assert abs(mean[0] - truth) < 4 * sem[0]
    assert abs(mean[1] - signal) < 4 * sem[1]
    assert 0.55 < mean[2] / truth < 0.85  # completions as units miss what a group shares
    assert 6 < mean[3] / signal < 10  # the squared norm of a noisy mean is mostly noise
    assert mean[4] > 0.9  # the interval of the ratio


def test_std_multiplies_the_variance_and_keeps_the_noise_scale():
    w = world()
    both = [exact_moments(w, ESTIMATORS[name]) for name in ("centred", "std")]
    (a, signal_a), (b, signal_b) = both
    assert (b - signal_b) / (a - signal_a) > 3
    assert_close((b - signal_b) / signal_b, (a - signal_a) / signal_a, rtol=0.15, atol=0)


def test_by_hand():
    # |h|^2 = 1, 4, 1; pairs: (2 + 0 + 0) * 2 / 6 = 2/3; S = 2 - 2/3 = 4/3
    h = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    measured = noise(h @ h.T, "exact")
    assert_close(measured.variance, 4 / 9)
    assert_close(measured.signal, 2 / 3)
    assert_close(measured.noise_scale, 2.0)
    assert_close(measured.snr, 1.5)
    assert (measured.groups, measured.tier) == (3, "exact")


def test_agrees_with_the_two_batch_form():
    # McCandlish et al., appendix A.1: S = P (m - b) / (P - 1), signal = (P b - m) / (P - 1)
    h = torch.randn(7, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    m, b = h.square().sum(1).mean(), h.mean(0).square().sum()
    spread, signal = moments(h @ h.T)
    assert_close(spread, 7 * (m - b) / 6)
    assert_close(signal, (7 * b - m) / 6)


@given(st.integers(3, 9), st.integers(0, 99))
def test_leaving_one_out_is_measuring_the_rest(groups, seed):
    h = torch.randn(groups, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    gram = h @ h.T
    spread, signal = leave_one_out(gram)
    for p in range(groups):
        rest = torch.arange(groups) != p
        a, b = moments(gram[rest][:, rest])
        assert_close(spread[p], a)
        assert_close(signal[p], b)


def test_jackknife_of_a_mean_is_its_standard_error():
    x = torch.tensor([1.0, 2.0, 4.0, 9.0], dtype=torch.float64)
    assert_close(jackknife_sem((x.sum() - x) / 3), float(x.std()) / 2)


def test_a_zero_gradient_has_no_variance_and_no_noise_scale():
    measured = noise(torch.zeros(4, 4), "exact")
    assert (measured.variance, measured.signal, measured.snr) == (0, 0, 0)
    assert math.isnan(measured.noise_scale)


def test_a_signal_below_zero_is_reported():
    measured = noise(torch.tensor([[1.0, -1.0], [-1.0, 1.0]]), "exact")
    assert measured.signal == -1
    assert measured.noise_scale == math.inf
    assert math.isnan(measured.low)  # two groups do not tell


def test_some_groups_tell_of_a_batch_of_more():
    h = torch.randn(4, 9, generator=torch.Generator().manual_seed(0)).double() + 0.5
    alone, part = noise(h @ h.T, "exact"), noise(h @ h.T, "exact", batch=16)
    assert (part.groups, part.signal, part.noise_scale) == (4, alone.signal, alone.noise_scale)
    assert_close(part.variance, alone.variance / 4)
    assert_close(part.variance_sem, alone.variance_sem / 4)
    assert_close([part.snr, part.low, part.high], [4 * alone.snr, 4 * alone.low, 4 * alone.high])


def test_norms_alone_leave_the_signal_open():
    measured = from_norms(torch.tensor([1.0, 3.0]), "logit")
    assert measured.variance == 1.0
    assert math.isnan(measured.signal)


def test_one_group_is_too_few():
    with pytest.raises(ValueError, match="at least 2 prompt groups, got 1"):
        noise(torch.ones(1, 1), "exact")
    with pytest.raises(ValueError, match="at least 2 prompt groups, got 1"):
        from_norms(torch.ones(1), "logit")


@pytest.mark.parametrize(("freedom", "table"), [(3, 3.182), (9, 2.262), (15, 2.131), (63, 1.998)])
def test_quantile_of_student_s_t(freedom, table):
    assert_close(t_quantile(freedom), table, rtol=0.005, atol=0)
