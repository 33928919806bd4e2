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
_BEFORE_METHOD = {"get", "set", "async", "*"}
_DECLARES = {"let", "const", "function"}
_MEANT = {"as", "do", "from", "get", "if", "in", "of", "set"}  # words of the language, some of it


def renamed(pieces: Sequence[str]) -> list[str]:
    """The same program with short names for its variables and functions.

    Only names that the program declares and does not export; nothing is known of scopes, so a name
    is replaced wherever it stands for a variable. Properties and keys stay: `{ sample }`, which is
    both, becomes `{ sample:a }`.
    """
    declared = _declared(pieces)
    kinds = _kinds(pieces)
    stays = {piece for piece, kind in zip(pieces, kinds, strict=True) if kind == "exported"}
    gain: Counter[str] = Counter()
    for piece, kind in zip(pieces, kinds, strict=True):
        gain[piece] += {"variable": len(piece) - 2, "both": -3}.get(kind, 0)
    known = {word for piece in pieces for word in _WORDS.findall(piece)}
    free = _short(known | _MEANT)
    names = sorted(declared - stays - _MEANT, key=lambda name: (-gain[name], name))
    short = {name: next(free) for name in names if gain[name] > 0}
    found = []
    for piece, kind in zip(pieces, kinds, strict=True):
        name = short.get(piece, piece)
        changed = {"variable": [name], "both": [piece] if name == piece else [piece, ":", name]}
        found += changed.get(kind, [piece])
    return found


def _declared(pieces: Sequence[str]) -> set[str]:
    """Names behind let, const or function, and those of parameters."""
    found: set[str] = set()
    listed: list[set[str]] = [set()]  # what stands first, or behind a comma, in every open bracket
    function = [False]  # whether the bracket is that of a function's parameters
    last: set[str] = set()  # of the bracket that closed last
    before = second = third = ""
    for piece in (piece for piece in pieces if not blank(piece)):
        if _WORD.match(piece):
            if before in _DECLARES or (before == "*" and second == "function"):
                found.add(piece)
            if before in {"(", ","}:
                listed[-1].add(piece)
        elif piece == "=>":
            found |= last if before == ")" else {before}
        if closes(piece):
            last = listed.pop()
            if function.pop():
                found |= last
        if opens(piece):
            listed.append(set())
            named = third if second == "*" else second
            function.append(piece == "(" and named == "function")
        before, second, third = piece, before, second
    return found


def _kinds(pieces: Sequence[str]) -> list[str]:
    """Of each piece: a variable, a property, both as in `{ x }`, exported (or imported), or ""."""
    solid = [k for k, piece in enumerate(pieces) if not blank(piece)]
    found = [""] * len(pieces)
    inside = [""]  # what the innermost bracket is that of: "keys", "exported", or else
    before = second = ""
    for k, after in zip(solid, [*solid[1:], None], strict=True):
        piece = pieces[k]
        behind = "" if after is None else pieces[after]
        if _WORD.match(piece):
            first = second if before in _BEFORE_METHOD else before
            key = inside[-1] == "keys" and first in {"{", ","}
            if "export" in (before, second) or inside[-1] == "exported":
                found[k] = "exported"
            elif key and behind in {",", "}", "="}:
                found[k] = "both"
            else:
                member = before == "." != second  # three of them spread a variable
                found[k] = "property" if key or member else "variable"
        if closes(piece):
            inside.pop()
        if opens(piece):
            block = piece != "{" or before in _BEFORE_BLOCK
            inside.append("" if block else "exported" if before in {"export", "import"} else "keys")
        before, second = piece, before
    return found


def _short(taken: set[str]) -> Iterator[str]:
    for size in (1, 2, 3):
        for letters in product(ascii_letters, repeat=size):
            if (name := "".join(letters)) not in taken:
                yield name
