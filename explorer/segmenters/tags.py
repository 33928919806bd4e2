"""What stands between XML-like tags, such as `<reasoning>…</reasoning>`."""

import re

from explorer.text import starts_after
from explorer.types import SampleOfToken, Starts

_NAME = r"[A-Za-z][\w.:-]*"
_ATTRIBUTE = rf"\s+{_NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*')"
_EDGE = re.compile(rf"(?=<{_NAME}(?:{_ATTRIBUTE})*\s*>)|</{_NAME}\s*>")


def tags(pieces: list[str], sample: SampleOfToken) -> Starts:
    """A segment starts at an opening tag and after a closing tag.

    So each tag belongs to the part that it marks, and text between two parts is a segment of its
    own. A tag may be one token or spelled over several; `a < b` is no tag.
    """
    return starts_after(_EDGE, pieces, sample)
