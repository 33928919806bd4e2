"""Arguments and options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Step = Annotated[int | None, typer.Option(help="Which step's rollouts; by default the last.")]
Json = Annotated[bool, typer.Option("--json", help="A list of row objects and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same numbers on a CPU.")]
Device = Annotated[str, typer.Option(help="auto takes a GPU if there is one.")]
Threads = Annotated[
    int,
    typer.Option(min=1, help="Of the CPU. Tiny models need one; another number, other roundings."),
]
Estimators = Annotated[
    str | None,
    typer.Option(help="Such as grpo,gae:lam=0.9,gae:lam=1. By default the one of the run."),
]
AllEstimators = Annotated[
    str | None,
    typer.Option(
        "--estimators", help="Such as grpo,gae:lam=1. By default all that the rollouts can serve."
    ),
]
PolicyFolder = Annotated[
    Path | None, typer.Option("--policy", help="A policy in place of the one that sampled.")
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write the table and its figures to this file too.")
]
Leaf = Annotated[str | None, typer.Option(help="`explorer list` names them.")]

# Options that the command does not know are settings of the leaves it was told to use.
FORWARD = {"ignore_unknown_options": True}
Settings = Annotated[
    list[str] | None,
    typer.Argument(metavar="[--SETTING VALUE]...", help="What `explorer list` shows."),
]
