"""Noise from projections against noise from whole gradients."""

import math

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import catalog, gradients, scores, sketch
from explorer.directions import hashes
from explorer.estimators.grpo import grpo
from explorer.noise import noise
from explorer.types import Credit

POLICY = tiny.policy()
BATCH = tiny.rollouts(POLICY, groups=6)
MEAN = torch.full(BATCH.tokens.shape, 1 / 18)


def alternating() -> Credit:
    a = 1.0 - 2.0 * (torch.arange(len(MEAN)) % 2)
    return Credit(target=a, baseline=torch.zeros_like(a))


CREDITS = {
    "grpo": catalog.run(grpo, BATCH),
    "centred": catalog.run(grpo, BATCH, divide_by_std=False),
    "alternating": alternating(),
}


def test_projected_noise_is_unbiased():
    push = gradients.pushes(BATCH, CREDITS, MEAN)
    rows = gradients.group_gradients(POLICY, BATCH, push)
    for name, truth in gradients.exact(POLICY, BATCH, CREDITS, MEAN).items():
        whole, found = torch.cat(rows[name], 1), []
        for seed in range(400):  # the sums of a table are the hashed group gradients
            hashed = list(hashes(POLICY, 32, seed).values())
            bucket = torch.cat([h.bucket for h in hashed])
            signed = whole * torch.cat([h.factor for h in hashed])
            found.append(scores.projected(whole.new_zeros(6, 32).index_add(1, bucket, signed), "x"))
        for field in ("variance", "signal"):
            x = torch.tensor([getattr(n, field) for n in found])
            assert abs(x.mean() - getattr(truth, field)) < 4 * x.std() / 400**0.5
        variance = torch.tensor([n.variance for n in found])
        assert variance.std() / truth.variance < scores.relative_error(32)


def test_the_interval_grows_by_what_the_projection_adds():
    # with 4000 numbers the projection adds little, with 16 much
    h = torch.randn(8, 1000, generator=torch.Generator().manual_seed(0)).double() + 0.2
    truth = noise(h @ h.T, "sketch")
    wide, narrow = (scores.projected(_project(h, r, seed=1), "sketch") for r in (4000, 16))
    assert truth.high - truth.low < wide.high - wide.low < 1.3 * (truth.high - truth.low)
    assert narrow.signal_sem > 1.5 * truth.signal_sem


def test_the_interval_of_the_projection_covers():
    h = torch.randn(8, 200, generator=torch.Generator().manual_seed(0)).double() + 0.2
    truth = noise(h @ h.T, "exact")
    spread = torch.tensor([scores.projected(_project(h, 64, s), "x").signal for s in range(200)])
    found = scores.projected(_project(h, 64, 0), "x")
    added = math.sqrt(max(found.signal_sem**2 - truth.signal_sem**2, 0))
    assert 0.4 < added / float(spread.std()) < 2.5


def _project(h: torch.Tensor, width: int, seed: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    signs = 2 * torch.empty(h.shape[1], width).bernoulli_(generator=draw).double() - 1
    return h @ signs / width**0.5


def test_chunks_change_nothing(monkeypatch):
    table = sketch.score_table(POLICY, BATCH, width=16)
    whole = scores.sketch(table, BATCH, CREDITS, MEAN)
    monkeypatch.setattr(scores, "CHUNK", 40)
    assert scores.sums(table, BATCH, MEAN).shape == (6, 16)
    for name, found in scores.sketch(table, BATCH, CREDITS, MEAN).items():
        assert_close(found.snr, whole[name].snr)


def test_a_table_of_the_first_groups_tells_of_the_whole_batch():
    table = sketch.score_table(POLICY, BATCH, width=16)
    first = (BATCH.group < 4)[BATCH.sample]
    assert torch.equal(scores.covered(table[first], BATCH), first)
    push = gradients.pushes(BATCH, CREDITS, MEAN)["grpo"]
    whole = scores.sums(table, BATCH, push)
    part = scores.sums(table[first], BATCH, push)
    assert_close(part, whole[:4])
    found = scores.sketch(table[first], BATCH, CREDITS, MEAN)["grpo"]
    assert found.groups == 4
    assert_close(found.variance, scores.projected(part, "sketch").variance * 4 / 6)


def test_width_and_error_are_inverse():
    assert scores.width_for(0.125) == 128
    assert scores.relative_error(128) == 0.125
    with pytest.raises(ValueError, match="must be positive"):
        scores.width_for(0.0)


def test_a_table_of_other_rollouts_is_refused():
    with pytest.raises(ValueError, match="has 3 tokens"):
        scores.sums(torch.zeros(3, 4), BATCH, MEAN)
