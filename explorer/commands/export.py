"""`explorer export`."""

from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.arguments import AllEstimators, Folder, Force, Json, Step


def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .html, .csv or .npz.")],
    step: Step = None,
    group: Annotated[
        int | None, typer.Option(help="One prompt, by the app's number; by default all.")
    ] = None,
    estimators: AllEstimators = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write the token view of a step as one HTML file that needs no network, or its numbers.

    By default under all estimators that the rollouts can serve. A PNG is a
    button of that page.

    CSV: one line a token. The column NAME of an estimator holds numbers only;
    where it is empty, NAME_state says why: masked (the policy did not sample
    the token), not measured (something that the estimator reads) or not a
    number. Prompts are counted from 0, completions and tokens from 1, all as
    in the view.

    NPZ: ids and sample have an entry a token, group and rewards one a
    completion, all counted from 0. advantage_NAME is NaN where there is no
    number; the booleans masked_NAME and unmeasured_NAME say why, and where
    neither is true it is not a number.
    """
    from explorer import exported, options, printed
    from explorer.commands.credited import able, opened

    exported.room(out, force)
    run, at, rollouts = opened(folder, step)
    chosen = options.estimators(estimators or able(rollouts))
    written = exported.write(out, run, at, rollouts, chosen, group)
    printed.rows([written], as_json=as_json)
