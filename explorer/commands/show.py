"""`explorer show`."""

from typing import Annotated

import typer

from explorer.commands.arguments import Estimators, Folder, Step


def show(
    folder: Folder,
    step: Step = None,
    group: Annotated[
        int | None, typer.Option(help="Which prompt; else the one whose rewards differ most.")
    ] = None,
    samples: Annotated[int | None, typer.Option(help="At most so many of each stratum.")] = None,
    estimators: Estimators = None,
) -> None:
    """Print the completions of one prompt, coloured by several estimators."""
    from explorer import printed, terminal
    from explorer.commands.credited import credited, opened

    run, _, rollouts = opened(folder, step)
    credits = credited(rollouts, estimators or run.info.get("estimator", "grpo"))
    console = printed.console()
    lines = terminal.show(
        rollouts,
        credits,
        group=terminal.liveliest(rollouts) if group is None else group,
        samples=samples,
        outcomes=tuple(run.info.get("outcomes", ())),
        width=console.width,
        colours=None if console.no_color else console.color_system,
    )
    for line in lines:
        console.print(line, soft_wrap=True)
