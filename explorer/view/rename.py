"""Shorter names for what a program names itself, the same in all of it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from string import ascii_letters

from explorer.view.lexer import blank, closes, opens

_WORD = re.compile(r"[\w$]+$")
_WORDS = re.compile(r"[\w$]+")
_BEFORE_BLOCK = {")", "=>", "else", "try", "finally", "do", ";", "}", "{", ""}
_DECLARES = {"let", "const", "function"}
_MEANT = {"as", "do", "from", "get", "if", "in", "of", "set"}  # words of the language, some of it


def renamed(pieces: Sequence[str]) -> list[str]:
    """The same program with short names for its variables and functions.

    Only names that the program declares, and that are nowhere a property, the key of an object or
    pattern, or exported; so nothing is known of scopes, and a name is replaced wherever it stands.
    """
    declared, fixed = _names(pieces)
    many = Counter(pieces)
    known = {word for piece in pieces for word in _WORDS.findall(piece)}
    free = _short(known | _MEANT)
    names = sorted(declared - fixed - _MEANT, key=lambda name: (-many[name] * len(name), name))
    short = {name: next(free) for name in names if len(name) > 2}
    return [short.get(piece, piece) for piece in pieces]


def _names(pieces: Sequence[str]) -> tuple[set[str], set[str]]:
    """The names that are declared, and those that must stay."""
    declared: set[str] = set()
    fixed: set[str] = set()
    inside = [False]  # whether the innermost bracket is that of an object or pattern
    listed: list[set[str]] = [set()]  # what stands first, or behind a comma, in every open bracket
    function = [False]  # whether the bracket is that of a function's parameters
    last: set[str] = set()  # of the bracket that closed last
    before = second = ""
    for piece in (piece for piece in pieces if not blank(piece)):
        if _WORD.match(piece):
            if before in _DECLARES or (before == "*" and second == "function"):
                declared.add(piece)
            if before in {"(", ","}:
                listed[-1].add(piece)
            key = inside[-1] and before in {"{", ",", "get", "set", "async", "*"}
            if key or before == "." or "export" in (before, second):
                fixed.add(piece)
        elif piece == "=>":
            declared |= last if before == ")" else {before}
        if closes(piece):
            last = listed.pop()
            inside.pop()
            if function.pop():
                declared |= last
        if opens(piece):
            inside.append(piece == "{" and before not in _BEFORE_BLOCK)
            listed.append(set())
            function.append(piece == "(" and second in {"function", "*"})
        before, second = piece, before
    return declared, fixed


def _short(taken: set[str]) -> Iterator[str]:
    for size in (1, 2, 3):
        for letters in product(ascii_letters, repeat=size):
            if (name := "".join(letters)) not in taken:
                yield name
