"""The steps that the task judged."""

from explorer import peers
from explorer.types import SampleOfToken, SegmentOfToken, Starts


def steps(segment: SegmentOfToken, sample: SampleOfToken) -> Starts:
    """A segment starts where the rollouts say that a step does."""
    return peers.starts(segment) | peers.starts(sample)
