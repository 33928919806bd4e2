"""One `bytes` object: a JSON header, and arrays that it refers to.

[u32 n][JSON header of n bytes][arrays, each on a multiple of 4]
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explorer.view.quantise import widths


class Body:
    """Arrays back to back."""

    def __init__(self) -> None:
        self.parts: list[bytes | memoryview] = []
        self.size = 0
        self.added: dict[tuple[int, int, np.dtype], dict[str, Any]] = {}

    def add(self, array: np.ndarray) -> dict[str, Any]:
        """Append an array, and give the reference that stands for it in the header."""
        raw = np.ascontiguousarray(array)
        # Values are the baseline of several estimators: what lies in one place travels once.
        key = raw.__array_interface__["data"][0], raw.nbytes, raw.dtype
        if key not in self.added:
            self.added[key] = {"$": raw.dtype.str[1:], "at": self.size, "n": raw.size}
            self.parts.append(raw.data)
            self.size += raw.nbytes
            if padding := -self.size % 4:
                self.parts.append(bytes(padding))
                self.size += padding
        return self.added[key]

    def track(self, start: np.ndarray | None, value: np.ndarray) -> dict[str, Any]:
        """One number a token, or one a run of tokens where it is told at which runs start."""
        if start is None:
            return {"dense": self.add(value)}
        return {"start": self.add(start.astype(np.int32)), "value": self.add(value)}


def joined(header: Mapping[str, Any], parts: Sequence[bytes | memoryview]) -> bytes:
    """The header before the arrays."""
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([len(text).to_bytes(4, "little"), text, *parts])


def parted(payload: bytes) -> tuple[dict[str, Any], memoryview]:
    """The header, and the bytes that its references speak of."""
    size = int.from_bytes(payload[:4], "little")
    return json.loads(payload[4 : 4 + size]), memoryview(payload)[4 + size :]


def resolved(node: Any, body: memoryview) -> Any:
    """The same, with every reference to an array replaced by the array."""
    if isinstance(node, list):
        return [resolved(x, body) for x in node]
    if not isinstance(node, dict):
        return node
    if "$" in node:
        return np.frombuffer(body, dtype="<" + node["$"], count=node["n"], offset=node["at"])
    return {key: resolved(x, body) for key, x in node.items()}


def spread(track: Mapping[str, np.ndarray] | float, n: int) -> np.ndarray:
    """One number for each of n tokens, however they travelled."""
    if not isinstance(track, Mapping):
        return np.full(n, track)
    if "dense" in track:
        return track["dense"]
    return np.repeat(track["value"], widths(track["start"], n))
