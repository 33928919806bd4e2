"""Words."""

import re

from explorer.text import starts_after
from explorer.types import SampleOfToken, Starts

# Chinese and Japanese write no spaces: each character counts as a word. The second lookbehind keeps
# 3.14, 1,000 and don't whole.
_SIGN = "[぀-ヿ㐀-鿿]"
_WORD = re.compile(rf"(?<!\w)(?<!\w['’.,])(?=\w)|(?={_SIGN})|(?<={_SIGN})(?=\w)")


def word(pieces: list[str], sample: SampleOfToken) -> Starts:
    """Each word or number is a segment, with what stands between it and the next."""
    return starts_after(_WORD, pieces, sample)
