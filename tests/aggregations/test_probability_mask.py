import torch

from explorer.aggregations.probability_mask import probability_mask

LOGPROBS = torch.tensor([0.95, 0.5, 0.25, 0.99, 0.8]).log()


def test_choices_only():
    got = probability_mask(LOGPROBS, rho=0.6)
    assert got.tolist() == [0, 0.5, 0.5, 0, 0]


def test_no_choice_at_all():
    assert probability_mask(LOGPROBS, rho=0.0).tolist() == [0] * 5
