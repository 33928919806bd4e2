import torch

from explorer.aggregations.segment_mean import segment_mean


def test_sentences_of_a_completion_weigh_the_same():
    segment = torch.tensor([0, 0, 1, 2, 2, 2, 2])
    sample = torch.tensor([0, 0, 0, 1, 1, 1, 1])
    got = segment_mean(segment, sample, torch.tensor([0, 0]))
    assert got.tolist() == [0.125, 0.125, 0.25, 0.125, 0.125, 0.125, 0.125]
