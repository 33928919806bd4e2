"""The final answer of a text, and whether it is the same as another one, by math-verify."""

import logging
import re
from functools import lru_cache

_LONGEST = 64
_TAIL = 2000
_NUMBER = re.compile(r"-?[0-9][0-9,]{0,30}(?:\.[0-9]{1,30})?")
# A tower of powers or a factorial of 12 characters keeps a computer algebra system busy for
# hours. What is not written with these pieces is compared as text.
_SAFE = re.compile(
    r"(?:[0-9a-zA-Z\s.,:;=+*/()\[\]{}|$%°€<>-]|\^(?:[0-9]|\{-?[0-9]{1,2}\})(?!\^)"
    r"|\\(?:[dt]?frac|sqrt|boxed|pi|cdot|times|left|right|text|infty|pm|%|\$|,|;|!| ))*"
)


def final(text: str) -> str | None:
    r"""The content of the last `\boxed{}`, else the last number; None if there is neither."""
    tail = text[-_TAIL:]
    if (at := tail.rfind(r"\boxed{")) >= 0:
        return _braced(tail[at + len(r"\boxed{") :])
    numbers = _NUMBER.findall(tail)
    return numbers[-1] if numbers else None


@lru_cache(maxsize=4096)
def same(answer: str, right: str) -> bool:
    """Whether two answers are mathematically the same: `1/2` is `0.5` and `\\frac{2}{4}`.

    Raises:
        ValueError: math-verify is not installed.
    """
    answer, right = answer.strip(), right.strip()
    if answer == right:
        return bool(answer)
    if not (_safe(answer) and _safe(right)):
        return False
    try:
        from math_verify import parse, verify
    except ImportError as error:
        raise ValueError(
            "comparing answers needs math-verify; pip install 'advantage-explorer[tasks]'"
        ) from error
    # Its time limits are signals, which only the main thread has; `_safe` makes them needless.
    logging.getLogger("math_verify").setLevel(logging.ERROR)

    def forms(text: str) -> list:
        """As a formula, and as a sentence that has a number in it."""
        return [parse(form, parsing_timeout=0) for form in (f"${text}$", text)]

    return any(
        verify(wanted, found, timeout_seconds=None)
        for wanted, found in zip(forms(right), forms(answer), strict=True)
        if wanted and found
    )


def _safe(text: str) -> bool:
    powers = text.count("^") + 3 * text.count("**")
    return len(text) <= _LONGEST and powers <= 2 and _SAFE.fullmatch(text) is not None


def _braced(text: str) -> str | None:
    """What stands before the brace that closes."""
    depth = 1
    for i, character in enumerate(text[: 4 * _LONGEST]):
        depth += (character == "{") - (character == "}")
        if not depth:
            return text[:i]
    return None
