"""`explorer pretrain`."""

from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.arguments import Force, Json, Seed, Settings, Threads


def pretrain(
    out: Annotated[Path, typer.Option(help="The folder to make, in the format of transformers.")],
    task: Annotated[str, typer.Option(help="What the policy is to learn.")] = "chain",
    preset: Annotated[
        str, typer.Option(help="small (0.1 M parameters) or large (0.4 M).")
    ] = "small",
    steps: Annotated[int, typer.Option(help="Stop here at the latest.", min=1)] = 300,
    success: Annotated[float, typer.Option(help="Stop at this share of right answers.")] = 0.55,
    seed: Seed = 0,
    settings: Settings = None,
    threads: Threads = 1,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a tiny policy by supervised learning. Other options are settings of the task."""
    import torch

    from explorer import catalog, knobs, options, printed, progress
    from explorer.pretrain import pretrain as learn

    torch.set_num_threads(threads)
    make = catalog.load("tasks", task)
    made = make(**options.settings(settings or [], knobs.knobs(make)))
    _room(out, force)
    rows = progress.follow(
        learn(made, out, preset=preset, seed=seed, steps=steps, success=success),
        "pretrain",
        steps=steps,
        facts=("loss", "success"),
    )
    printed.rows(rows[-1:], as_json=as_json)


def _room(out: Path, force: bool) -> None:
    """Make the folder; refuse if there is something in it."""
    if out.exists() and not force and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} exists; choose another name, or replace it with --force")
    out.mkdir(parents=True, exist_ok=True)
