"""`explorer demo`."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    runs: Annotated[Path, typer.Argument(help="The folder that runs are in.")] = Path("runs"),
    run: Annotated[str | None, typer.Option(help="The run to begin with, by its name.")] = None,
    port: Annotated[int, typer.Option(help="Where to serve; the next free one is taken.")] = 8501,
) -> None:
    """Serve the app: the recorded run, and those in RUNS."""
    from explorer import serve

    serve.app(runs, run, port)
