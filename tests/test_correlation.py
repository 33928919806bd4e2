import math

import pytest
import torch
from torch.testing import assert_close

from explorer.correlation import agreement, resampled

NONE = torch.zeros(8)
PROMPT = torch.zeros(8, dtype=torch.int64)
CORRECTED = ("pearson", "rmse", "unexplained", "slope")


def test_the_protocol_s_numbers():
    # segment.md 2.4: values at 0, 2, 5, 8 = .5, .3, .6, 1; segments of 2, 3 and 3 tokens
    truth = torch.tensor([-0.2, -0.2, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4])
    gae = torch.tensor([0.023906, -0.052188, 0.195625, -0.00875, -0.0575, 0.525, 0.25, 0.10])
    late = torch.tensor([0.50, 0.45, 0.60, 0.40, 0.38, 0.70, 0.30, 0.10])
    sae = torch.tensor([0.025, -0.025, 0.25, 0.05, 0.03, 0.70, 0.30, 0.10])
    for estimate, expected in ((gae, 0.521948), (late, -0.194933), (sae, 0.541957)):
        found = agreement(estimate, truth, NONE, PROMPT)["pearson"]
        assert_close(found, expected, atol=2e-6, rtol=0)


def test_by_hand():
    x, y = torch.tensor([1.0, -1.0, 2.0, 0.0]), torch.tensor([2.0, 2.0, 4.0, -2.0])
    found = agreement(x, y, NONE[:4], PROMPT[:4])
    # signs: equal, not, equal, half; errors 1, 9, 4, 4; x.y = 8, x.x = 6, y.y = 28
    assert_close(found["sign"], 2.5 / 4)
    assert_close(found["rmse"], math.sqrt(18 / 4))
    assert_close(found["scale"], 8 / 6)
    assert_close(found["rmse_scaled"], math.sqrt((28 - 64 / 6) / 4), rtol=1e-5, atol=0)
    assert_close(found["unexplained"], 1 - 64 / (6 * 28))
    assert_close(found["slope"], 8 / 28)
    # ranks of x: 2 0 3 1; of y: 1.5 1.5 3 0
    expected = torch.corrcoef(torch.tensor([[2.0, 0, 3, 1], [1.5, 1.5, 3, 0]]))[0, 1]
    assert_close(found["spearman"], float(expected))


def test_signs_within_the_noise_are_not_counted():
    y = torch.tensor([1.0, 1.0, 0.1, -0.1])
    found = agreement(torch.tensor([1.0, -1.0, -1.0, 1.0]), y, torch.full((4,), 0.01), PROMPT[:4])
    assert found["sign"] == 0.5


def noisy(seed: int, prompts: int = 40, noise: float = 0.7):
    draw = torch.Generator().manual_seed(seed)
    prompt = torch.arange(prompts).repeat_interleave(20)
    truth = torch.randn(len(prompt), generator=draw) + torch.randn(prompts, generator=draw)[prompt]
    x = truth + 0.8 * torch.randn(len(prompt), generator=draw)
    y = truth + noise * torch.randn(len(prompt), generator=draw)
    return x, y, truth, torch.full_like(x, noise**2), prompt


def test_what_noise_takes_from_a_correlation_is_given_back():
    rows = []
    for seed in range(30):
        x, y, truth, variance, prompt = noisy(seed)
        clean = agreement(x, truth, variance * 0, prompt)
        found = agreement(x, y, variance, prompt)
        assert found["pearson"] < clean["pearson"]
        assert found["rmse"] > clean["rmse"]
        rows.append(
            [found[f"{n}_corrected"] - clean[n] for n in CORRECTED] + [found["reliability"]]
        )
    off = torch.tensor(rows)
    assert (off[:, :4].mean(0).abs() < 4 * off[:, :4].std(0) / 30**0.5).all()
    assert_close(off[:, 4].mean(), torch.tensor(2 / 2.49), rtol=0.05, atol=0)


def test_intervals_cover():
    names = ("pearson", "spearman", "rmse", "rmse_scaled", "sign", "unexplained", "slope")
    inside = torch.zeros(len(names))
    exact = agreement(*[noisy(999, prompts=4000)[i] for i in (0, 1, 3, 4)])
    for seed in range(40):
        x, y, _, variance, prompt = noisy(seed)
        found = agreement(x, y, variance, prompt, seed=seed)
        for i, name in enumerate(names):
            inside[i] += found[f"{name}_low"] <= exact[name] <= found[f"{name}_high"]
    assert (inside >= 33).all()


def test_a_constant_correlates_with_nothing():
    x, y, _, variance, prompt = noisy(0)
    found = agreement(torch.full_like(x, 0.1), y, variance, prompt)
    assert math.isnan(found["pearson"])
    assert math.isnan(found["spearman"])
    assert math.isnan(found["pearson_low"])
    assert found["rmse"] > 0


def test_a_truth_that_drowns_in_its_noise_explains_nothing():
    y = torch.tensor([1.0, -1.0, 1.0, -1.0])
    found = agreement(y, y, torch.full((4,), 2.0), PROMPT[:4])
    assert found["unexplained"] == 0
    assert math.isnan(found["unexplained_corrected"])
    assert math.isnan(found["slope_corrected"])


def test_the_same_seed_draws_the_same_prompts():
    x, y, _, variance, prompt = noisy(3)
    mine, other = (resampled(a, y, variance, prompt) for a in (x, 2 * x))
    assert_close(mine["pearson"], other["pearson"])
    assert not mine["pearson"][1:].eq(mine["pearson"][0]).any()


def test_one_prompt_has_no_interval():
    found = agreement(torch.arange(8.0), torch.arange(8.0), NONE, PROMPT)
    assert found["pearson"] == pytest.approx(1.0)
    assert math.isnan(found["pearson_low"])


def test_large_numbers_keep_small_spreads():
    x, y, _, variance, prompt = noisy(1)
    near, far = agreement(x, y, variance, prompt), agreement(x.double() + 1e8, y, variance, prompt)
    assert_close(far["pearson"], near["pearson"], rtol=1e-6, atol=0)
