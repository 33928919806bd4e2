"""Every segment of a completion weighs the same. Paul33333's blog, 2025-02-07."""

import torch

from explorer import peers
from explorer.types import GroupOfSample, PerToken, SampleOfToken, SegmentOfToken


def segment_mean(segment: SegmentOfToken, sample: SampleOfToken, group: GroupOfSample) -> PerToken:
    """Mean over completions of the mean over segments of the mean over the segment's tokens.

        c_t = 1 / (B S_i |o_{i,s}|)

    A token of a long sentence weighs less. With the objective `segment_clip`, whose loss is one
    number a sentence, this is the sentence-level objective of the blog.
    """
    one = torch.ones(sample.shape, device=sample.device)
    share = 1 / peers.count(segment, one)
    segments = peers.total(share, sample)
    return share / (len(group) * segments)
