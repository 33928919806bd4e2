"""`explorer variance`."""

from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.arguments import Device, Estimators, Folder, Json, Step, Threads


def variance(
    folder: Folder,
    step: Step = None,
    estimators: Estimators = None,
    tiers: Annotated[str, typer.Option(help="Of logit,exact.")] = "logit,exact",
    policy: Annotated[Path | None, typer.Option(help="Whose gradients; else the run's.")] = None,
    device: Device = "auto",
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """The noise of each estimator's gradient on the same rollouts.

    logit: every token by itself, no policy needed. exact: one backward pass for each prompt and
    estimator.
    """
    import torch

    from explorer import printed
    from explorer.commands.credited import credited
    from explorer.variance import table

    torch.set_num_threads(threads)
    run, at, rollouts, credits = credited(folder, step, estimators)
    rows = table(run, at, rollouts, credits, tiers.split(","), policy=policy, device=device)
    printed.rows(rows, as_json=as_json)
