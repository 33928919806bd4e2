"""`explorer train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.commands.arguments import Device, Force, Json, Leaf, Settings, Threads

if TYPE_CHECKING:
    from explorer.config import Config
    from explorer.policy import Policy
    from explorer.runs import Run

_LEARNT = ("step", "reward", "accuracy", "brier", "ece", "entropy", "length", "seconds")


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
    threads: Threads = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from its checkpoint.")] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Train a policy and record the run.

    Settings are options too: --steps 100 --lr 1e-3 --seed 1 and what else `explorer list trainer`
    shows, and those of the leaves, such as --lam 0.9 (`explorer list estimators gae`).
    """
    import torch

    from explorer import printed, progress
    from explorer.policy import pick_device
    from explorer.train import train as learn

    torch.set_num_threads(threads)
    pick_device(device)  # before anything is replaced
    leaves = {"estimator": estimator, "task": task, "objective": objective, "policy": policy}
    leaves |= {"aggregation": aggregation, "segmenter": segmenter, "engine": engine}
    named = {kind: name for kind, name in leaves.items() if name is not None}
    begin = _resumed if resume else _created
    config, run, start = begin(out, settings or [], named, device=device, force=force)
    rows = progress.follow(
        learn(config, run, start), "train", steps=config.steps, facts=("reward", "accuracy")
    )
    if not rows:
        raise ValueError(f"{out} has all of its {config.steps} steps; ask for more with --steps")
    printed.rows(rows if as_json else printed.thinned(rows, _LEARNT), as_json=as_json)


def _created(
    out: Path, words: list[str], named: dict[str, str], *, device: str, force: bool
) -> "tuple[Config, Run, Policy | None]":
    from explorer import options, runs
    from explorer.config import describe
    from explorer.train import beginning

    config = options.config(words, named | {"device": device})
    info, policy = describe(config), beginning(config)  # before anything is made or replaced
    return config, runs.create(out, info, force), policy


def _resumed(
    out: Path, words: list[str], named: dict[str, str], *, device: str, force: bool
) -> "tuple[Config, Run, Policy | None]":
    from explorer import options, runs

    if named or force:
        extra = next(iter(named), "force")
        raise ValueError(f"--resume keeps what the run began with; leave out --{extra}")
    run = runs.open_run(out)
    return options.resumed(run, words, device=device), run, None
