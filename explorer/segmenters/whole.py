"""One segment a completion."""

from explorer import peers
from explorer.types import SampleOfToken, Starts


def whole(sample: SampleOfToken) -> Starts:
    """The first token of each completion, and no other."""
    return peers.starts(sample)
