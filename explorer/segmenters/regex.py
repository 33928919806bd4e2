"""Wherever a pattern says."""

import re

from explorer.text import starts_after
from explorer.types import SampleOfToken, Starts


def regex(pieces: list[str], sample: SampleOfToken, *, pattern: str = "[=;]") -> Starts:
    """A segment starts after each match of a regular expression.

    To cut before something, look ahead: `(?=Wait)` starts a segment at each "Wait".

    Args:
        pattern: a Python regular expression; a match may lie across tokens, never across samples.

    Raises:
        ValueError: not a regular expression.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return starts_after(compiled, pieces, sample)
