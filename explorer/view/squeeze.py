"""JavaScript without its comments and spaces, and with short names; strings stay as they are."""

import re

from explorer.view.lexer import blank, closes, opens, pieces
from explorer.view.rename import renamed

_ALONE = re.compile(r"[^\w$]+ \( [\w$]+$")  # a single parameter, no name before its bracket
_WORDY = re.compile(r"[\w$]")


def squeeze(source: str) -> str:
    """The same program in fewer characters.

    A line break stays where it may end a statement: JavaScript puts semicolons there by itself. An
    array must not have holes, and a loop not an empty statement for a body. `const` becomes `let`,
    so nothing may rely on the error of assigning to a constant, and declarations that follow each
    other become one.
    """
    kept: list[str] = []
    declares = [False]  # whether the statement is a declaration, for every bracket that is open
    gap = ""  # a space or a line break that may be needed before what follows
    for piece in renamed(pieces(source)):
        if blank(piece):
            gap = "\n" if "\n" in gap + piece else " "
            continue
        if _joins(kept, piece, declares, gap):
            gap = ""
            continue
        piece = "let" if piece == "const" else piece
        _shorten(kept, piece)
        kept += [_between(kept[-1][-1] if kept else "", gap, piece[0]), piece]
        kept[-2:] = filter(None, kept[-2:])
        gap = ""
    return "".join(kept) + "\n"


def _joins(kept: list[str], piece: str, declares: list[bool], gap: str) -> bool:
    """Whether `piece` begins a declaration right after another, which a comma then continues."""
    starts = kept[-1:] in ([], [";"], ["{"], ["}"]) or "\n" in gap
    if piece in ("const", "let"):
        if kept[-1:] == [";"] and declares[-1]:
            kept[-1] = ","
            return True
        declares[-1] = kept[-1:] != ["export"]
    elif starts and not piece.startswith(tuple(")]}.?:,;+-*/%&|=")):
        declares[-1] = False
    if closes(piece):
        declares.pop()
    if opens(piece):
        declares.append(False)
    return False


def _shorten(kept: list[str], piece: str) -> None:
    """Take away what nobody needs before `piece`: a last comma or semicolon, (x) of (x) => x."""
    if (piece in "})]" and kept[-1:] == [","]) or (piece == "}" and kept[-1:] == [";"]):
        kept.pop()
    elif piece == "=>" and kept[-3::2] == ["(", ")"] and _ALONE.match(" ".join(kept[-4:-1])):
        kept[-3:] = [kept[-2]]


def _between(last: str, gap: str, first: str) -> str:
    if not gap or not last:
        return ""
    if _WORDY.match(last) and _WORDY.match(first):
        return gap
    if last == first and first in "+-":
        return " "
    ends = last in "})]`\"'+-/" or _WORDY.match(last)
    begins = first in "{([`\"'+-/!~" or _WORDY.match(first)
    return "\n" if gap == "\n" and ends and begins else ""
