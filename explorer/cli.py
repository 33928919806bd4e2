"""The commands. Bad input ends in one sentence and exit code 2.

What is heavy is imported inside the commands, so that help is there at once.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from explorer.runs import Run
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
Leaf = Annotated[str | None, typer.Option(help="`explorer list` names them.")]

_LEARNT = ("step", "reward", "accuracy", "brier", "ece", "entropy", "length", "seconds")
# Options that the command does not know are settings of the leaves it was told to use.
FORWARD = {"ignore_unknown_options": True}
Settings = Annotated[
    list[str] | None,
    typer.Argument(metavar="[--SETTING VALUE]...", help="What `explorer list` shows."),
]


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
    kind: Annotated[str, typer.Argument(help="estimators, segmenters, tasks ...; or trainer.")],
    name: Annotated[str | None, typer.Argument(help="One of them: its settings.")] = None,
    as_json: Json = False,
) -> None:
    """List the leaves of KIND, or the settings of one of them or of the trainer."""
    from explorer import catalog, leaves, printed
    from explorer.knobs import knobs

    if kind == "trainer":
        from explorer.config import Config

        table = leaves.settings(knobs(Config))
    elif name is None:
        table = leaves.table(leaves.kind_of(kind))
    else:
        table = leaves.settings(catalog.settings(catalog.load(leaves.kind_of(kind), name)))
    printed.rows(table, as_json=as_json)


@app.command()
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

    run, _, rollouts, credits = _credited(folder, step, estimators)
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


@app.command()
def variance(
    folder: Folder,
    step: Step = None,
    estimators: Estimators = None,
    tiers: Annotated[str, typer.Option(help="Of logit,exact.")] = "logit,exact",
    policy: Annotated[Path | None, typer.Option(help="Whose gradients; else the run's.")] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """The noise of each estimator's gradient on the same rollouts.

    logit: every token by itself, no policy needed. exact: one backward pass for each prompt and
    estimator.
    """
    from explorer import printed
    from explorer.variance import table

    run, at, rollouts, credits = _credited(folder, step, estimators)
    rows = table(run, at, rollouts, credits, tiers.split(","), policy=policy, device=device)
    printed.rows(rows, as_json=as_json)


def _credited(
    folder: Path, step: int | None, estimators: str | None
) -> "tuple[Run, int, Rollouts, dict[str, Credit]]":
    """The run, the step, its rollouts, and what each estimator gives them."""
    from explorer import catalog, options
    from explorer.runs import open_run

    run = open_run(folder)
    if not (steps := run.steps()):
        raise ValueError(f"{folder} holds no rollouts yet; the first step writes some")
    at = steps[-1] if step is None else step
    rollouts = run.rollouts(at)
    chosen = options.estimators(estimators or run.info.get("estimator", "grpo"))
    credits = {
        label: catalog.run(catalog.load("estimators", name), rollouts, **settings)
        for label, (name, settings) in chosen.items()
    }
    return run, at, rollouts, credits


@app.command(context_settings=FORWARD)
def train(
    out: Annotated[Path, typer.Option(help="The run folder to make.")],
    settings: Settings = None,
    estimator: Leaf = None,
    task: Leaf = None,
    objective: Leaf = None,
    aggregation: Leaf = None,
    segmenter: Leaf = None,
    engine: Leaf = None,
    policy: Annotated[str | None, typer.Option(help="A model folder; else the shipped.")] = None,
    device: Device = "auto",
    resume: Annotated[bool, typer.Option("--resume", help="Go on from its checkpoint.")] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Train a policy and record the run.

    Settings are options too: --steps 100 --lr 1e-3 --seed 1 and what else `explorer list trainer`
    shows, and those of the leaves, such as --lam 0.9 (`explorer list estimators gae`).
    """
    from explorer import options, printed, progress
    from explorer.config import describe
    from explorer.policy import pick_device
    from explorer.runs import create, open_run
    from explorer.train import train as learn

    names = {"estimator": estimator, "task": task, "objective": objective, "policy": policy}
    names |= {"aggregation": aggregation, "segmenter": segmenter, "engine": engine}
    given = {key: name for key, name in names.items() if name is not None}
    pick_device(device)  # before anything is replaced
    if resume and given:
        raise ValueError(f"--resume keeps what the run began with; leave out --{next(iter(given))}")
    if resume:
        run = open_run(out)
        config = options.resumed(run, settings or [], device=device)
    else:
        config = options.config(settings or [], given | {"device": device})
        run = create(out, describe(config), force)
    rows = progress.follow(
        learn(config, run), "train", steps=config.steps, facts=("reward", "accuracy")
    )
    if not rows:
        raise ValueError(f"{out} has all of its {config.steps} steps; ask for more with --steps")
    printed.rows(rows if as_json else printed.thinned(rows, _LEARNT), as_json=as_json)


@app.command(context_settings=FORWARD)
def pretrain(
    out: Annotated[Path, typer.Option(help="The folder to make, in the format of transformers.")],
    task: Annotated[str, typer.Option(help="What the policy is to learn.")] = "chain",
    preset: Annotated[
        str, typer.Option(help="small (0.1 M parameters) or large (0.4 M).")
    ] = "small",
    steps: Annotated[int, typer.Option(help="Stop here at the latest.", min=1)] = 600,
    success: Annotated[float, typer.Option(help="Stop at this share of right answers.")] = 0.5,
    seed: Seed = 0,
    settings: Settings = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a tiny policy by supervised learning. Other options are settings of the task."""
    from explorer import catalog, knobs, options, printed, progress
    from explorer.pretrain import pretrain as learn

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
