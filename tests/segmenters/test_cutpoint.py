import torch

from explorer.segmenters.cutpoint import cutpoint

# Example 3.4: cutpoints at 1, 3, 5, 7.
LOGPROBS = torch.tensor([0.95, 0.60, 0.99, 0.70, 0.92, 0.50, 0.97, 0.80, 0.91, 0.99]).log()
SAMPLE = torch.zeros(10).long()


def starts(logprobs=LOGPROBS, sample=SAMPLE, **settings) -> list[int]:
    return torch.nonzero(cutpoint(logprobs, sample, **settings)).flatten().tolist()


def test_every_second_cutpoint_starts_a_segment():
    assert starts(interval=2) == [0, 1, 5]


def test_the_first_token_may_be_a_cutpoint():
    logprobs = LOGPROBS.clone()
    logprobs[0] = -1.2
    assert starts(logprobs, interval=2) == [0, 3, 7]


def test_cutpoints_are_counted_in_each_sample():
    assert starts(sample=(torch.arange(10) >= 4).long(), interval=2) == [0, 1, 4, 5]


def test_no_cutpoint_leaves_the_sample_whole():
    assert starts(rho=0.4) == [0]
