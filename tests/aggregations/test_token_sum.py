import torch

from explorer.aggregations.token_sum import token_sum


def test_one():
    assert token_sum(torch.tensor([0, 0, 3])).tolist() == [1, 1, 1]
