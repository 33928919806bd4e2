import torch

from explorer.aggregations.block_mean import block_mean


def test_blocks_are_summed_and_averaged_inside():
    block = torch.tensor([0, 0, 1, -1, 0, 1, 1, 1, 1])
    sample = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 1])
    got = block_mean(block, sample, torch.tensor([0, 0]))
    assert got.tolist() == [0.25, 0.25, 0.5, 0, 0.5, 0.125, 0.125, 0.125, 0.125]
