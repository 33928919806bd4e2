import torch

from explorer.aggregations.token_mean import token_mean


def test_every_token_weighs_the_same():
    assert token_mean(torch.tensor([0, 0, 0, 1])).tolist() == [0.25] * 4


def test_nothing():
    assert token_mean(torch.tensor([]).long()).tolist() == []
