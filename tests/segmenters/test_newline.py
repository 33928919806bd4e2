import torch

from explorer.segmenters.newline import newline


def test_lines():
    pieces = ["a", "\n", "b\n", "\n", "c", "\r\n", "d\ne"]
    starts = newline(pieces, torch.zeros(7).long())
    assert torch.nonzero(starts).flatten().tolist() == [0, 2, 4, 6]
