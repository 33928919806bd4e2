"""Token text made visible: what it holds is shown, nothing of it is obeyed."""

import itertools
import unicodedata

import pytest
from rich.cells import cell_len

from explorer.glyphs import EMPTY, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("7+15=22;", "7+15=22;"),
        ("\n\n", "↵↵"),
        ("\t", "→"),
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("a\u202eb", "a⟨202E⟩b"),
        ("\u200b", "⟨200B⟩"),
        ("\ud800", "⟨D800⟩"),
        ("\u0301x", "◌\u0301x"),
        ("[bold]<b>", "[bold]<b>"),
        ("漢字 مرحبا", "漢字 مرحبا"),
        ("", EMPTY),
    ],
)
def test_by_hand(text, seen):
    assert visible(text) == seen


def test_no_character_is_invisible_or_obeyed():
    for code in itertools.chain(range(0x10000), range(0xE0000, 0xE0200)):  # most letters, all tags
        seen = visible(chr(code))
        assert not {unicodedata.category(c) for c in seen} & {"Cc", "Cf", "Cs", "Co", "Cn"}
        assert cell_len(seen) > 0
