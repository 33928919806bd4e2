import torch

from explorer.segmenters.entropy import entropy

NATS = torch.tensor([0.1, 0.9, 0.2, 0.8, 0.3])
SAMPLE = torch.tensor([0, 0, 0, 1, 1])


def starts(nats=NATS, **settings) -> list[int]:
    return torch.nonzero(entropy(nats, SAMPLE, **settings)).flatten().tolist()


def test_forks():
    assert starts(share=0.4) == [0, 1, 3]


def test_from_never_to_almost_always():
    assert starts(share=0.0) == [0, 3]
    assert starts(share=1.0) == [0, 1, 2, 3, 4]


def test_equal_entropies_are_no_forks():
    assert starts(torch.full((5,), 0.5)) == [0, 3]


def test_what_was_not_measured_is_no_fork():
    assert starts(torch.tensor([0.1, torch.nan, 0.2, 0.3, 0.9])) == [0, 3, 4]


def test_nothing():
    nothing = torch.tensor([])
    assert entropy(nothing, nothing.long()).tolist() == []
