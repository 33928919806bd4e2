"""`explorer export`."""

from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.arguments import AllEstimators, Folder, Force, Json, Step


def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .html, .csv or .npz.")],
    step: Step = None,
    group: Annotated[int | None, typer.Option(help="One prompt; by default all.")] = None,
    estimators: AllEstimators = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write the token view of a step as one HTML file that needs no network, or its numbers.

    By default under all estimators that the rollouts can serve.
    """
    from explorer import exported, options, outfile, printed
    from explorer.commands.credited import able, opened

    outfile.room(out, force, exported.KINDS)
    run, at, rollouts = opened(folder, step)
    chosen = options.estimators(estimators or able(rollouts))
    written = exported.write(out, run, at, rollouts, chosen, group)
    printed.rows([written], as_json=as_json)
