"""A token's text made visible and harmless: what it holds is shown, nothing of it is obeyed.

A policy may sample anything: escape codes that repaint a terminal, marks that turn the direction
of writing, characters of no width. Letters of every script stay as they are.
"""

import unicodedata

from rich.cells import cell_len

EMPTY = "∅"
_NAMED = {"\n": "↵", "\t": "→", "\r": "␍", "\x7f": "␡"}
# Control, format (joiners, direction marks, tags), surrogate, private, unassigned, line and
# paragraph separators: invisible, or obeyed by whoever displays them.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str) -> str:
    """The text with a glyph for each character that is not seen, `∅` if there is none.

    A newline becomes `↵` and does not break the line; a mark that would sit on the letter before
    gets a dotted circle to sit on if it comes first.
    """
    seen = "".join(map(_glyph, text))
    return "◌" + seen if seen and not cell_len(seen[0]) else seen or EMPTY


def _glyph(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character < " ":
        return chr(0x2400 + ord(character))  # the control pictures, in the order of the codes
    if unicodedata.category(character) in _UNSEEN:
        return f"⟨{ord(character):04X}⟩"
    return character
