import torch

from explorer.segmenters.low_probability import low_probability

LOGPROBS = torch.tensor([0.1, 0.9, 0.1, 0.5, 0.1, 0.9, 0.3]).log()
SAMPLE = torch.tensor([0, 0, 0, 0, 0, 1, 1])


def starts(**settings) -> list[int]:
    return torch.nonzero(low_probability(LOGPROBS, SAMPLE, **settings)).flatten().tolist()


def test_an_improbable_token_opens_a_segment():
    assert starts() == [0, 2, 4, 5]


def test_or_closes_one():
    assert starts(side="end") == [0, 1, 3, 5]


def test_thresholds():
    assert starts(p=0.0) == [0, 5]
    assert starts(p=1.0) == [0, 1, 2, 3, 4, 5, 6]
