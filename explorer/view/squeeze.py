"""JavaScript without its comments and spaces: names, strings and templates stay as they are."""

import re

_PIECE = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<template>`)
    |(?P<slash>/)
    |(?P<space>\s+)
    |(?P<word>[\w$]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")
_OPENS = re.compile(r"(?:^|[-+(,=:\[!&|?{};<>*%~^]|\breturn)$")  # before a pattern, not a division
_WORDY = re.compile(r"[\w$]")


def squeeze(source: str) -> str:
    """The same program in fewer characters.

    A line break stays where it may end a statement: JavaScript puts semicolons there by itself.
    """
    kept = ""
    gap = ""  # a space or a line break that may be needed between `kept` and what follows
    at = 0
    while at < len(source):
        piece = _piece(source, at, kept)
        at += len(piece)
        if piece.isspace() or piece.startswith(("//", "/*")):
            gap = "\n" if "\n" in gap + piece else " "
            continue
        kept += _between(kept[-1:], gap, piece[0]) + piece
        gap = ""
    return kept + "\n"


def _piece(source: str, at: int, before: str) -> str:
    """The comment, string, template, pattern, name, space or sign that begins here."""
    found = _PIECE.match(source, at)
    assert found
    if found["template"]:
        return source[at : _after_template(source, at + 1)]
    if found["slash"] and _OPENS.search(before) and (pattern := _PATTERN.match(source, at)):
        return pattern[0]
    return found[0]


def _after_template(source: str, at: int) -> int:
    """Where a template that was opened before `at` has ended; templates may stand inside it."""
    while source[at] != "`":
        if source[at] == "\\":
            at += 2
        elif source.startswith("${", at):
            at = _after_brace(source, at + 2)
        else:
            at += 1
    return at + 1


def _after_brace(source: str, at: int) -> int:
    begin = at
    while source[at] != "}":
        piece = _piece(source, at, source[begin:at].rstrip())
        at = _after_brace(source, at + 1) if piece == "{" else at + len(piece)
    return at + 1


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
