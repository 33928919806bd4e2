"""Rows as a table for people, or as a list of objects in JSON for programs."""

import math
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from explorer import strict

Row = dict[str, Any]
WIDTH = 120  # of what does not go to a terminal


def console() -> Console:
    """Standard output, as wide as the terminal."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=WIDTH)


def rows(table: list[Row], *, as_json: bool, title: str | None = None) -> None:
    """Print the rows; all have the same keys. In JSON a number that is not finite is null.

    Args:
        title: what people see above the table.
    """
    if as_json:
        print(strict.dumps(table, indent=1))
        return
    drawn = Table(box=box.SIMPLE_HEAD, title=Text(title or "") or None, title_justify="left")
    for name in table[0] if table else ():
        right = all(isinstance(row[name], int | float | None) for row in table)
        drawn.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in table:
        drawn.add_row(*(Text(cell(value)) for value in row.values()))
    console().print(drawn)


def folded(table: list[Row], ends: dict[str, tuple[str, str]] | None = None) -> list[Row]:
    """The rows with `x`, `x_low` and `x_high` in one column: x and half the interval's width.

    Args:
        ends: names of the ends of an interval that are not called so.
    """
    known = {name: (f"{name}_low", f"{name}_high") for name in (table[0] if table else ())}
    known = {name: own for name, own in known.items() if own[0] in table[0]} | (ends or {})
    gone = {end for own in known.values() for end in own}
    return [
        {k: _reach(row, k, *known[k]) if k in known else v for k, v in row.items() if k not in gone}
        for row in table
    ]


def _reach(row: Row, name: str, low: str, high: str) -> str | None:
    if row[name] is None or math.isnan(row[name]):
        return None
    half = (row[high] - row[low]) / 2
    return f"{row[name]:.3g}" + ("" if math.isnan(half) else f" ±{half:.2g}")


def cell(value: Any) -> str:
    """A value as people see it: whole, or three digits; nothing where nothing is known."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e6:
            return f"{value:.0f}"
        return "" if math.isnan(value) else f"{value:.3g}"
    return "" if value is None else str(value)


def thinned(table: list[Row], names: tuple[str, ...], count: int = 6) -> list[Row]:
    """About `count` of the rows, the first and the last among them, and only these columns."""
    picked = {round(i * (len(table) - 1) / max(count - 1, 1)) for i in range(count)}
    return [{name: table[i].get(name) for name in names} for i in sorted(picked)]
