"""The text of all completions as one array of bytes, from which each is cut when it is drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from explorer.view.body import Body


def text(pieces: Sequence[str], first: np.ndarray, body: Body) -> dict[str, Any]:
    """The pieces, each with a character behind it that none has, and where a sample ends."""
    utf8, ends = _ended(pieces, between := chr(31))
    if len(ends) > len(pieces):
        whole = "".join(pieces)
        between = next(c for c in map(chr, range(31, 0x110000)) if c not in whole)
        utf8, ends = _ended(pieces, between)
    of_samples = np.concatenate([[0], ends])[first[1:]].astype(np.int32)
    return {"between": between, "ends": body.add(of_samples), "utf8": body.add(utf8)}


def pieces_of(text: dict[str, Any], sample: int) -> list[str]:
    """The pieces of one completion."""
    ends = text["ends"]
    raw = text["utf8"][ends[sample - 1] if sample else 0 : ends[sample]]
    return raw.tobytes().decode().split(text["between"])[:-1]


def _ended(pieces: Sequence[str], by: str) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of all pieces, and behind which bytes they end."""
    whole = by.join(pieces) + by if pieces else ""
    utf8 = np.frombuffer(_utf8(whole), dtype=np.uint8)
    code = by.encode()
    at = np.flatnonzero(utf8 == code[0])
    for k, byte in enumerate(code[1:], start=1):
        at = at[utf8[at + k] == byte]
    return utf8, at + len(code)


def _utf8(text: str) -> bytes:
    """The bytes; half of a surrogate pair, which UTF-8 does not have, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
