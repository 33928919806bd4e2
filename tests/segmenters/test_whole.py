import torch

from explorer.segmenters.whole import whole


def test_a_completion_is_one_segment():
    assert whole(torch.tensor([0, 0, 2, 3, 3])).tolist() == [True, False, True, True, False]
