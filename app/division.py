"""Where a division in a plain equation begins and ends, so that it can be set as a fraction.

A slash between spaces divides whole products, `sum_j a_j / sum_j b_j`; one without divides what it
touches, `1/n sum_j a_j`. A bracket beside it is always the operand.
"""

import re

BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
SCRIPTS = rf"(?:[_^](?:{BRACED}|[<>]?=?[A-Za-z0-9*]+))"
_NAME = rf"(?:[A-Za-z0-9.]+{SCRIPTS}*)?"


def divide(text: str) -> tuple[str, str, str, str] | None:
    """What stands before, above, below and after the outermost division."""
    depth = [text[:i].count("(") - text[:i].count(")") for i in range(len(text))]
    slashes = [i for i, sign in enumerate(text) if sign == "/"]
    if not slashes:
        return None
    at = min(slashes, key=lambda i: (depth[i], i))
    wide = text[at - 1 : at] == " "
    left, right = text[:at].rstrip(), text[at + 1 :].lstrip()
    start, end = _operand_before(left, wide), _operand_after(right, wide)
    return left[:start], _bare(left[start:]), _bare(right[:end]), right[end:]


def _operand_before(text: str, wide: bool) -> int:
    """Where the dividend starts: a bracket, a name, or all of a product if the slash has room."""
    start = len(text)
    if text.endswith(")"):
        depth = 0
        for start in range(len(text) - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(text[start], 0)
            if not depth:
                break
    elif wide:
        return _product(text[::-1], reach=-1)
    name = re.search(_NAME + "$", text[:start])
    return name.start() if name else start


def _operand_after(text: str, wide: bool) -> int:
    name = re.match(_NAME, text)
    end = name.end() if name else 0
    if text[end : end + 1] == "(":
        return closing(text, end) + 1
    return _product(text, reach=1) if wide else end


def _product(text: str, *, reach: int) -> int:
    """Where a product ends, going right; going left, the text is given backwards."""
    depth = 0
    for i, sign in enumerate(text):
        depth += {"(": reach, "{": reach, "[": reach, ")": -reach, "}": -reach, "]": -reach}.get(
            sign, 0
        )
        if depth < 0 or (not depth and sign in "+-=<>,;:"):
            end = i - (text[i - 1 : i] == " ")
            return end if reach > 0 else len(text) - end
    return len(text) if reach > 0 else 0


def closing(text: str, opening: int) -> int:
    """Place of the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if not depth:
            return i
    return len(text) - 1


def _bare(text: str) -> str:
    """An operand without the brackets that a bar makes needless."""
    return text[1:-1] if text[:1] == "(" and closing(text, 0) == len(text) - 1 else text
