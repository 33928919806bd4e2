import torch

from explorer.aggregations.sequence_sum import sequence_sum


def test_one_over_the_completions():
    assert sequence_sum(torch.tensor([0, 0, 3]), torch.tensor([0, 0, 1, 1])).tolist() == [0.25] * 3
