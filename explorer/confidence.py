"""How sure a completion says it is of its answer, and what saying so earns (arXiv:2602.10231)."""

import math
import re
from typing import Literal

Rule = Literal["brier", "bce"]

_STATED = re.compile(r"<confidence>([01]|[01]?\.[0-9]{1,9})</confidence>")


def stated(text: str, start: int) -> float | None:
    """The first confidence stated after `start`; None if it is no number in [0, 1]."""
    at = text.find("<confidence>", start)
    found = _STATED.match(text, at) if at >= 0 else None
    return float(found[1]) if found and float(found[1]) <= 1 else None


def earned(
    confidence: float | None, correct: bool, *, rule: Rule, clip: float, unparsed: float
) -> float:
    """Brier, -(q - c)^2, or BCE, c log q + (1 - c) log(1 - q); `unparsed` if none is stated.

    BCE takes q in [clip, 1 - clip]. Both are proper: in expectation nothing earns more than the
    probability that the answer is right.
    """
    if confidence is None:
        return unparsed
    if rule == "brier":
        return -((confidence - correct) ** 2)
    q = min(max(confidence, clip), 1 - clip)
    return math.log(q if correct else 1 - q)
