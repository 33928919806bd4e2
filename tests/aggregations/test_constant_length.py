import torch

from explorer.aggregations.constant_length import constant_length

SAMPLE, GROUP = torch.tensor([0, 0, 1, 2, 3]), torch.tensor([0, 0, 0, 0])


def test_one_over_completions_and_length():
    assert constant_length(SAMPLE, GROUP, length=8).tolist() == [0.03125] * 5


def test_one_over_length():
    assert constant_length(SAMPLE, GROUP, length=8, per_sample=False).tolist() == [0.125] * 5
