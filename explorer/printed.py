"""Rows as a table for people, or as a list of objects in JSON for programs."""

import json
import math
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = dict[str, Any]
WIDTH = 120  # of what does not go to a terminal


def console() -> Console:
    """Standard output, as wide as the terminal."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=WIDTH)


def rows(table: list[Row], *, as_json: bool) -> None:
    """Print the rows; all have the same keys. In JSON a number that is not finite is null."""
    if as_json:
        print(json.dumps([{k: _finite(v) for k, v in row.items()} for row in table], indent=1))
        return
    drawn = Table(box=box.SIMPLE_HEAD)
    for name in table[0] if table else ():
        right = all(isinstance(row[name], int | float | None) for row in table)
        drawn.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in table:
        drawn.add_row(*(Text(_cell(value)) for value in row.values()))
    console().print(drawn)


def thinned(table: list[Row], names: tuple[str, ...], count: int = 6) -> list[Row]:
    """About `count` of the rows, the first and the last among them, and only these columns."""
    picked = {round(i * (len(table) - 1) / max(count - 1, 1)) for i in range(count)}
    return [{name: table[i].get(name) for name in names} for i in sorted(picked)]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.3g}"
    return "" if value is None else str(value)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
