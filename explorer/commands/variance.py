"""`explorer variance`."""

from typing import Annotated

import typer

from explorer.commands.arguments import (
    Device,
    Estimators,
    Folder,
    Force,
    Html,
    Json,
    PolicyFolder,
    Seed,
    Step,
    Threads,
)


def variance(
    folder: Folder,
    step: Step = None,
    estimators: Estimators = None,
    tier: Annotated[
        list[str] | None, typer.Option(help="Of logit, sketch, tail, exact; several by commas.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Compare directions with, such as rloo or true_advantage.")
    ] = None,
    width: Annotated[int | None, typer.Option(help="Buckets of a score table.")] = None,
    error: Annotated[
        float | None, typer.Option(help="In place of --width: the relative error of a norm.")
    ] = None,
    policy: PolicyFolder = None,
    seed: Seed = 0,
    device: Device = "auto",
    threads: Threads = 1,
    html: Html = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """The noise of each estimator's gradient on the same rollouts.

    logit: every token by itself, no policy needed. sketch: from a table of projected scores, which
    is kept in the run's folder; once it is there any estimator takes milliseconds. tail: the same
    for the last layers of a large model, not kept. exact: one backward pass for each prompt and
    estimator. Without --tier: logit and exact. Behind ± stands half of a 95 % interval.
    """
    import torch

    from explorer import outfile, printed, progress
    from explorer.commands.credited import credited, opened
    from explorer.scored import Source
    from explorer.variance import table, width_of

    torch.set_num_threads(threads)
    tiers = ",".join(tier or ["logit,exact"]).split(",")
    wide = width_of(width, error, tiers)
    page = outfile.page(html, force)
    run, at, rollouts = opened(folder, step)
    named = estimators or run.info.get("estimator", "grpo")
    if reference and reference not in named.split(","):
        named = f"{named},{reference}"
    credits = credited(rollouts, named)
    with progress.share("score table") as tell:
        source = Source(
            policy=policy, device=device, width=wide, seed=seed, force=force, progress=tell
        )
        rows = table(run, at, rollouts, credits, tiers, reference=reference, source=source)
    rows = [{"step": at} | row for row in rows]
    shown = rows if as_json else printed.folded(rows, {"snr": ("low", "high")})
    printed.rows(shown, as_json=as_json)
    if page:
        from explorer import pages

        pages.variance(page, run, at, rows)
