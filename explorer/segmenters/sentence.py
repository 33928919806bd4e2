"""Sentences, as in the sentence-level GRPO of Paul33333's blog (2025-02-07)."""

import re

from explorer.text import starts_after
from explorer.types import SampleOfToken, Starts

# A full stop counts before a space or at a line's end only: 3.14 is one number. Signs of full width
# need no space after them. Closing quotes and brackets belong to the sentence they close.
_END = r"(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[\"'”’»」』）)\]]*|\n+)"
_SENTENCE = re.compile(_END, re.MULTILINE)
_CLAUSE = re.compile(rf"{_END}|[;；]+", re.MULTILINE)


def sentence(pieces: list[str], sample: SampleOfToken, *, semicolons: bool = True) -> Starts:
    """Each sentence is a segment; it ends with its full stop, question mark or line.

    The blog names no splitter. The space between two sentences opens the second one, since most
    tokenizers write it so. Abbreviations ("e.g. this") are cut too.

    Args:
        semicolons: on, a semicolon ends a sentence too, as it does a step of chain arithmetic.
    """
    return starts_after(_CLAUSE if semicolons else _SENTENCE, pieces, sample)
