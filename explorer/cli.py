"""The commands. Bad input ends in one sentence and exit code 2.

What is heavy is imported inside the commands, so that help is there at once.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from explorer.types import Credit, Rollouts

app = typer.Typer(
    help="See the advantage of every token under every estimator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Step = Annotated[int | None, typer.Option(help="Which step's rollouts; by default the last.")]
Json = Annotated[bool, typer.Option("--json", help="A list of row objects and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same numbers on a CPU.")]
Device = Annotated[str, typer.Option(help="auto takes a GPU if there is one.")]
Estimators = Annotated[
    str | None,
    typer.Option(help="Such as grpo,gae:lam=0.9,gae:lam=1. By default the one of the run."),
]
# Options that the command does not know are settings of the leaves it was told to use.
FORWARD = {"allow_extra_args": True, "ignore_unknown_options": True}


def main() -> None:
    """Run the command line."""
    try:
        app()
    except ValueError as error:
        _end(str(error))
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _end(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}")


def _end(sentence: str) -> None:
    print(f"explorer: {sentence}", file=sys.stderr)
    sys.exit(2)


@app.command()
def demo(
    runs: Annotated[Path, typer.Argument(help="The folder that runs are in.")] = Path("runs"),
    run: Annotated[str | None, typer.Option(help="The run to begin with, by its name.")] = None,
    port: Annotated[int, typer.Option(help="Where to serve; the next free one is taken.")] = 8501,
) -> None:
    """Serve the app: the recorded run, and those in RUNS."""
    from explorer import serve

    serve.app(runs, run, port)


@app.command(name="list")
def list_leaves(
    kind: Annotated[str, typer.Argument(help="estimators, segmenters, objectives, tasks ...")],
    name: Annotated[str | None, typer.Argument(help="One of them: its settings.")] = None,
    as_json: Json = False,
) -> None:
    """List the leaves of KIND, or the settings of one of them."""
    from explorer import leaves, printed

    chosen = leaves.kind_of(kind)
    table = leaves.settings(chosen, name) if name else leaves.table(chosen)
    printed.rows(table, as_json=as_json)


@app.command()
def show(
    folder: Folder,
    step: Step = None,
    group: Annotated[int, typer.Option(help="Which prompt.")] = 0,
    estimators: Estimators = None,
) -> None:
    """Print the completions of one prompt, coloured by several estimators."""
    from rich.console import Console

    from explorer import terminal
    from explorer.runs import open_run

    run = open_run(folder)
    rollouts = run.rollouts(_last(run.steps(), folder) if step is None else step)
    credits = _credits(rollouts, estimators or run.info.get("estimator", "grpo"))
    console = Console()
    lines = terminal.show(
        rollouts,
        credits,
        group=group,
        outcomes=tuple(run.info.get("outcomes", ())),
        width=console.width,
        colours=None if console.no_color else console.color_system,
    )
    for line in lines:
        console.print(line, soft_wrap=True)


@app.command(context_settings=FORWARD)
def pretrain(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The folder to make, in the format of transformers.")],
    task: Annotated[str, typer.Option(help="What the policy is to learn.")] = "chain",
    preset: Annotated[
        str, typer.Option(help="small (0.1 M parameters) or large (0.4 M).")
    ] = "small",
    steps: Annotated[int, typer.Option(help="Stop here at the latest.", min=1)] = 600,
    success: Annotated[float, typer.Option(help="Stop at this share of right answers.")] = 0.5,
    seed: Seed = 0,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a tiny policy by supervised learning. Other options are settings of the task."""
    from explorer import catalog, knobs, options, printed, progress
    from explorer.pretrain import pretrain as learn

    make = catalog.load("tasks", task)
    made = make(**options.settings(context.args, knobs.knobs(make)))
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


def _credits(rollouts: "Rollouts", estimators: str) -> "dict[str, Credit]":
    from explorer import catalog, options

    return {
        label: catalog.run(catalog.load("estimators", name), rollouts, **settings)
        for label, (name, settings) in options.estimators(estimators).items()
    }


def _last(steps: list[int], folder: Path) -> int:
    if not steps:
        raise ValueError(f"{folder} holds no rollouts yet; the first step writes some")
    return steps[-1]
