import torch

from explorer.segmenters.fixed import fixed


def test_segments_of_equal_length_in_each_sample():
    sample = torch.tensor([0, 0, 0, 0, 0, 1, 1, 1])
    assert torch.nonzero(fixed(sample, length=2)).flatten().tolist() == [0, 2, 4, 5, 7]
