"""`explorer truth`."""

from typing import Annotated

import typer

from explorer.commands.arguments import (
    Device,
    Folder,
    Force,
    Html,
    Json,
    PolicyFolder,
    Seed,
    Settings,
    Step,
    Threads,
)


def truth(
    folder: Folder,
    settings: Settings = None,
    step: Step = None,
    at: Annotated[str, typer.Option(help="tokens, segments, blocks or steps.")] = "segments",
    n: Annotated[int, typer.Option("-n", "--n", help="Continuations of each state.")] = 32,
    target: Annotated[
        float, typer.Option(help="Leave a state at this standard error; 0: take all of -n.")
    ] = 0.0,
    segmenter: Annotated[str, typer.Option(help="Cuts the segments.")] = "low_probability",
    engine: Annotated[str, typer.Option(help="Where continuations come from.")] = "transformers",
    policy: PolicyFolder = None,
    seed: Seed = 0,
    device: Device = "auto",
    threads: Threads = 1,
    html: Html = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Measure true values of a step's states: the mean reward of many continuations.

    They are kept with the rollouts, where `explorer compare` and the app find them. A measurement
    that was killed goes on when the same command is given again. Other options are settings of the
    segmenter.
    """
    import torch

    from explorer import catalog, options, outfile, printed, progress, valued
    from explorer.commands.credited import opened
    from explorer.knobs import knobs

    torch.set_num_threads(threads)
    catalog.load("engines", engine)  # before a journal is begun
    cut = catalog.load("segmenters", segmenter)
    wish = valued.Wish(
        at=at,
        n=n,
        target=target,
        seed=seed,
        segmenter=segmenter,
        settings=tuple(options.settings(settings or [], knobs(cut)).items()),
        engine=engine,
        force=force,
    )
    page = outfile.page(html, force)
    run, at_step, _ = opened(folder, step)
    rows = valued.measure(
        run,
        at_step,
        wish,
        policy=policy,
        device=device,
        watch=lambda coming, steps: progress.follow(coming, "truth", steps=steps, facts=()),
    )
    printed.rows(rows, as_json=as_json)
    if page:
        from explorer import pages

        pages.truth(page, run, at_step, rows)
