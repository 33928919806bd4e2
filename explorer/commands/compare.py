"""`explorer compare`."""

from typing import Annotated

import typer

from explorer.commands.arguments import (
    AllEstimators,
    Device,
    Folder,
    Force,
    Html,
    Json,
    PolicyFolder,
    Seed,
    Step,
    Threads,
)


def compare(
    folder: Folder,
    step: Step = None,
    estimators: AllEstimators = None,
    of: Annotated[
        str, typer.Option(help="reward: the whole one; block: that of the token's own block.")
    ] = "reward",
    scope: Annotated[
        str, typer.Option(help="all, block, stratum, decile (of the place), or every.")
    ] = "all",
    tier: Annotated[
        str | None, typer.Option(help="Add the noise of the gradient; as in explorer variance.")
    ] = None,
    policy: PolicyFolder = None,
    seed: Seed = 0,
    device: Device = "auto",
    threads: Threads = 1,
    html: Html = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compare estimators with the true advantage: correlation, signs and errors.

    Needs true values, which `explorer truth` measures; by default the last step that has some, and
    all estimators that its rollouts can serve. corrected: the correlation without the noise of the
    true values themselves; scaled: the rmse after the best scale. Behind ± stands half of a 95 %
    interval by bootstrap over prompts; --json has more columns.
    """
    import torch

    from explorer import compared, outfile, printed, progress
    from explorer.commands.credited import credited, opened
    from explorer.scored import Source
    from explorer.variance import measure

    torch.set_num_threads(threads)
    page = outfile.page(html, force)
    run, at, rollouts = opened(folder, step, having="mc_values")
    if rollouts.mc_values is None:
        raise ValueError(
            f"step {at} has no true values to compare with; measure them: "
            f"explorer truth {folder} --step {at}"
        )
    credits = credited(rollouts, estimators)
    noise = None
    if tier is not None:
        with progress.share("score table") as tell:
            source = Source(policy=policy, device=device, progress=tell)
            noise = measure(run, at, rollouts, credits, tier, source).noise
    rows = compared.rows(rollouts, credits, of=of, scope=scope, noise=noise, seed=seed)
    rows = [{"step": at} | row for row in rows]
    shown = rows if as_json else printed.folded(compared.told(rows))
    whose = "the reward" if of == "reward" else "each token's own block"
    title = f"step {at}, against the true advantage by {whose}"
    printed.rows(shown, as_json=as_json, title=title)
    if page:
        from explorer import pages

        pages.compare(
            page, run, at, rows, rollouts=rollouts, credits=credits, of=compared.whose(of)
        )
