"""Rows of a long measurement on disk as they come, so that a killed one can go on.

One JSON object a line. The first says what is measured: a journal of something else is refused.
"""

import json
import os
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def replay(path: Path, subject: Row) -> list[Row]:
    """The rows of an earlier, unfinished measurement of `subject`; starts the journal if new.

    A last line that a kill tore apart is cut off.

    Raises:
        ValueError: the journal is of another subject.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        append(path, subject)
        return []
    whole = path.read_bytes()
    whole = whole[: whole.rfind(b"\n") + 1]
    os.truncate(path, len(whole))
    if not whole:
        append(path, subject)
        return []
    first, *rows = [json.loads(line) for line in whole.decode().splitlines()]
    if first != json.loads(json.dumps(subject)):
        odd = sorted(k for k in first.keys() | subject.keys() if first.get(k) != subject.get(k))
        raise ValueError(f"{path} was begun with another {odd[0]}; remove it, or measure as before")
    return rows


def append(path: Path, row: Row) -> None:
    """Add one row; it is on the disk when this returns."""
    with path.open("a") as file:
        file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())
