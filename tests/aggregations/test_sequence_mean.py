import torch
from torch.testing import assert_close

from explorer.aggregations.sequence_mean import sequence_mean


def test_every_completion_weighs_the_same():
    got = sequence_mean(torch.tensor([0, 0, 1, 1, 1, 1]), torch.tensor([0, 0]))
    assert got.tolist() == [0.25, 0.25, 0.125, 0.125, 0.125, 0.125]


def test_a_completion_without_tokens_takes_its_share_with_it():
    got = sequence_mean(torch.tensor([0, 2]), torch.tensor([0, 0, 0, 0]))
    assert got.tolist() == [0.25, 0.25]


def test_e1():
    """Lengths 2, 3, 4, 3."""
    sample = torch.tensor([0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3])
    got = sequence_mean(sample, torch.zeros(4).long())
    assert_close(got[[0, 2, 5, 9]], torch.tensor([1 / 8, 1 / 12, 1 / 16, 1 / 12]))
