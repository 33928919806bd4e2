"""A bar on standard error, with the time that is left, while rows of numbers come in."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Row = dict[str, Any]


def follow(rows: Iterable[Row], label: str, *, steps: int, facts: tuple[str, ...]) -> list[Row]:
    """All rows, shown as they come: their `step` of `steps`, and those of `facts` they have."""
    columns = (
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    seen = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(label, total=steps, facts="")
        for row in rows:
            said = "  ".join(f"{k} {row[k]:.3g}" for k in facts if row.get(k) is not None)
            progress.update(bar, completed=row["step"], facts=said)
            seen.append(row)
    return seen


@contextmanager
def share(label: str) -> Iterator[Callable[[float], None]]:
    """A bar that is told which share of the work is done; none is drawn before the first word."""
    columns = (TextColumn(label), BarColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    bar = progress.add_task(label, total=1.0)

    def tell(done: float) -> None:
        progress.start()
        progress.update(bar, completed=done)

    try:
        yield tell
    finally:
        progress.stop()
