"""Segments of equal length, as SPO-tree (arXiv:2505.23564) and TreeRPO (arXiv:2506.05183) cut."""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import SampleOfToken, Starts


def fixed(
    sample: SampleOfToken, *, length: Annotated[int, Slider(1, 64, 1, at_least=1)] = 16
) -> Starts:
    """A segment starts every `length` tokens; the last one of a sample may be shorter.

    Args:
        length: tokens a segment; 1 makes each token a segment, large ones leave a completion whole.
    """
    return peers.position(sample) % length == 0
