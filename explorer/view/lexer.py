"""JavaScript cut into the pieces that it is written in.

What is asked of a piece is remembered: a program has tens of thousands, and few that differ.
"""

import re
from functools import cache

_PIECE = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<template>`)
    |(?P<slash>/)
    |(?P<space>\s+)
    |(?P<word>[\w$]+)
    |(?P<sign>=>|.)""",
    re.VERBOSE | re.DOTALL,
)
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")


def pieces(source: str) -> list[str]:
    """Comments, strings, patterns, names, spaces and signs, in their order.

    A template comes as its text, from ` or } up to ${ or `, and the code between.
    """
    found: list[str] = []
    solid = "("  # the last one that is neither a space nor a comment
    at = 0
    while at < len(source):
        piece = _piece(source, at, solid)
        at += len(piece)
        found += _template(piece) if piece[0] == "`" else [piece]
        if not blank(piece):
            solid = piece
    return found


@cache
def blank(piece: str) -> bool:
    """Whether it is a space or a comment."""
    return piece.isspace() or piece.startswith(("//", "/*"))


@cache
def opens(piece: str) -> bool:
    """Whether it is a bracket that opens, or the text of a template before its code."""
    return piece in ("(", "[", "{") or (piece[0] in "`}" and piece.endswith("${"))


@cache
def closes(piece: str) -> bool:
    """Whether it is a bracket that closes, or the text of a template behind its code."""
    return piece[0] in ")]}"


def _piece(source: str, at: int, before: str) -> str:
    found = _PIECE.match(source, at)
    assert found
    if found["template"]:
        return source[at : _after_template(source, at + 1)]
    # After a value it is a division, else a pattern begins.
    if found["slash"] and (before == "return" or not re.search(r"[\w$)\]}\"'`]$", before)):
        pattern = _PATTERN.match(source, at)
        return pattern[0] if pattern else found[0]
    return found[0]


def _template(whole: str) -> list[str]:
    found: list[str] = []
    start = at = 0
    while at < len(whole):
        if whole[at] == "\\":
            at += 2
        elif whole.startswith("${", at):
            end = _after_brace(whole, at + 2) - 1
            found += [whole[start : at + 2], *pieces(whole[at + 2 : end])]
            start, at = end, end + 1
        else:
            at += 1
    return [*found, whole[start:]]


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
    solid = "("
    while source[at] != "}":
        piece = _piece(source, at, solid)
        at = _after_brace(source, at + 1) if piece == "{" else at + len(piece)
        if not blank(piece):
            solid = piece
    return at + 1
