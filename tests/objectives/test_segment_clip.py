"""Log-ratios .01, .02, -.005, .03 of one sentence: ratio 1.056541."""

import pytest
import torch

from explorer.aggregations.segment_mean import segment_mean
from explorer.objectives.segment_clip import segment_clip

LOG_RATIO = torch.tensor([0.01, 0.02, -0.005, 0.03, 0.5, 0.5], dtype=torch.float64)
SEGMENT = torch.tensor([0, 0, 0, 0, 1, 1])
ZERO = torch.zeros(6).double()


def test_one_ratio_a_sentence():
    a = torch.ones(6).double()
    got = segment_clip(LOG_RATIO, ZERO, a, SEGMENT)
    assert got.tolist() == pytest.approx([-1.056541] * 4 + [-1.2] * 2, abs=1e-6)


def test_a_sentence_is_clipped_as_a_whole():
    new = LOG_RATIO.clone().requires_grad_()
    c = segment_mean(SEGMENT, torch.zeros(6).long(), torch.tensor([0])).double()
    (c @ segment_clip(new, ZERO, torch.ones(6).double(), SEGMENT)).backward()
    assert new.grad is not None
    # Two sentences in one completion: each weighs a half.
    assert new.grad.tolist() == pytest.approx([-1.056541 / 2] * 4 + [0, 0], abs=1e-6)
