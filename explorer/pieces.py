"""The text that each token adds to a completion."""

from collections.abc import Callable
from typing import Any

_HALF = "\ufffd"  # what bytes of an unfinished character decode to


def pieces_of(tokenizer: Any) -> Callable[[list[int]], list[str]]:
    """A function from token ids to pieces that concatenate to the decoded text.

    Special tokens count as their names. Of a character that several tokens spell, the last one has
    the text, and the others have none.
    """
    alone: dict[int, str] = {}

    def decode(ids: list[int]) -> str:
        return tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)

    def pieces(ids: list[int]) -> list[str]:
        for new in set(ids) - alone.keys():
            alone[new] = decode([new])
        simple = [alone[i] for i in ids]
        return simple if "".join(simple) == decode(ids) else _one_by_one(decode, ids)

    return pieces


def _one_by_one(decode: Callable[[list[int]], str], ids: list[int]) -> list[str]:
    """Decode a window that begins one piece back: some tokens read otherwise at a text's start."""
    pieces: list[str] = []
    start = told = 0
    for stop in range(1, len(ids) + 1):
        text = decode(ids[start:stop])
        if text.endswith(_HALF) and stop < len(ids):
            pieces.append("")
            continue
        pieces.append(text[len(decode(ids[start:told])) :])
        start, told = told, stop
    return pieces
