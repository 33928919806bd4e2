"""Lines."""

import re

from explorer.text import starts_after
from explorer.types import SampleOfToken, Starts

_BREAK = re.compile(r"(?:\r?\n)+")


def newline(pieces: list[str], sample: SampleOfToken) -> Starts:
    """Each line is a segment; empty lines belong to the line before them."""
    return starts_after(_BREAK, pieces, sample)
