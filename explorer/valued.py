"""True values of a step of a run: measured with the policy that sampled it, and kept with it.

A long measurement leaves a journal in `truth/` of the run folder, from which it goes on after a
kill; once the values stand in the rollouts the journal is deleted.
"""

import dataclasses
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer import kept, truth
from explorer.compare import scopes
from explorer.config import Config
from explorer.journal import Row
from explorer.runs import Run
from explorer.truth import Plan
from explorer.types import Rollouts

_VALUES = ("mc_values", "mc_sem", "mc_block_values", "mc_block_sem")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be measured: places, and how well (`explorer.truth.measure` says what they are).

    `settings` are those of the segmenter. `force` replaces values that are there.
    """

    at: str = "segments"
    n: int = 32
    target: float = 0.0
    seed: int = 0
    segmenter: str = "low_probability"
    settings: tuple[tuple[str, Any], ...] = ()
    engine: str = "transformers"
    force: bool = False

    def __post_init__(self) -> None:
        if self.n < 2:
            raise ValueError(f"-n must be 2 or more, or there is no standard error; got {self.n}")
        if not self.target >= 0:
            raise ValueError(f"--target must be 0 or more rewards; got {self.target}")


def measure(
    run: Run,
    step: int,
    wish: Wish,
    *,
    policy: Path | None = None,
    device: str = "auto",
    watch: Callable[[Iterator[Row], int], list[Row]],
) -> list[Row]:
    """Measure, keep the values with the step's rollouts, and give a `summary` of them.

    `updates` is how many the policy had seen; None for a named one.

    Args:
        policy: a folder in place of the policy that sampled, or the one an update later.
        device: of the policy.
        watch: is handed the rows of `explorer.truth.run` as they come, and how many there will be.

    Raises:
        ValueError: the run has no task or no policy for this, or the values are known already.
    """
    began = time.perf_counter()
    rollouts = run.rollouts(step)
    config = _trained_with(run)
    drawn = plan(rollouts, wish)
    updates, model = kept.sampler(run, step, rollouts, folder=policy, device=device)
    journal = _journal(run, step, wish, policy)
    coming = truth.run(
        model,
        config.make_task(),
        rollouts,
        drawn,
        target=wish.target,
        temperature=config.temperature,
        max_new_tokens=config.max_new_tokens,
        seed=wish.seed,
        journal=journal,
        engine=wish.engine,
    )
    rows = watch(coming, len(drawn.chunks))
    found = truth.fill(rollouts, drawn, rows)
    values = found if wish.force else merged(rollouts, found)
    run.write(step, values)
    journal.unlink()
    last = {"seconds": time.perf_counter() - began, "updates": updates}
    return [{"step": step} | row | last for row in summary(rollouts, drawn, rows)]


def plan(rollouts: Rollouts, wish: Wish) -> Plan:
    """The states to value.

    Raises:
        ValueError: all of them are known already; or as `positions.positions`.
    """
    chosen = {"segmenter": wish.segmenter, **dict(wish.settings)} if wish.at == "segments" else {}
    drawn = truth.plan(rollouts, wish.at, n=wish.n, **chosen)
    if rollouts.mc_values is not None and not wish.force:
        known = ~rollouts.mc_values.isnan()
        if not bool(((drawn.index >= 0) & ~known).any()):
            raise ValueError(
                f"all {len(drawn.prefixes)} states are known already, with a mean standard error "
                f"of {_mean(rollouts.mc_sem, known):.2g}; choose a finer place, such as --at "
                "tokens, or measure them anew with --force"
            )
    return drawn


def merged(old: Rollouts, new: Rollouts) -> Rollouts:
    """The rollouts with the new values, and the old ones where nothing new was measured."""
    both = {name: (getattr(old, name), getattr(new, name)) for name in _VALUES}
    mixed = {
        name: torch.where(after.isnan(), before, after)
        for name, (before, after) in both.items()
        if before is not None and after is not None
    }
    return dataclasses.replace(new, **mixed)


def summary(rollouts: Rollouts, drawn: Plan, rows: Sequence[Row]) -> list[Row]:
    """A row for all states and one for those of each block, as `explorer.compare` calls them.

    `value` and `sem` are means over the distinct states; in a block's row `block_value` and
    `block_sem` are those of its own reward.
    """
    states = {state["prefix"]: state for row in rows for state in row["states"]}
    table = []
    for scope, mask in scopes(rollouts):
        if scope != "all" and not scope.startswith("block "):
            continue
        here = [states[k] for k in sorted(set(drawn.index[mask].tolist()) - {-1})]
        if not here:
            continue
        own = None if scope == "all" else 1 + int(scope.removeprefix("block "))
        table.append(
            {
                "scope": scope,
                "states": len(here),
                "continuations": sum(state["n"] for state in here),
                "value": _over(here, "mean", 0),
                "sem": _over(here, "sem", 0),
                "block_value": _over(here, "mean", own),
                "block_sem": _over(here, "sem", own),
            }
        )
    return table


def _trained_with(run: Run) -> Config:
    if (config := kept.config_of(run)) is None:
        raise ValueError(
            f"{run.folder} was not made by explorer train, so no task can judge its prompts again"
        )
    return config


def _journal(run: Run, step: int, wish: Wish, policy: Path | None) -> Path:
    """Where the measurement is kept until it is whole: another wish, another file."""
    subject = hashlib.sha256(repr((wish, policy and policy.resolve())).encode()).hexdigest()[:8]
    return run.folder / "truth" / f"step={step:06d}-{subject}.jsonl"


def _over(states: list[Row], name: str, place: int | None) -> float | None:
    return None if place is None else math.fsum(s[name][place] for s in states) / len(states)


def _mean(x: Tensor | None, known: Tensor) -> float:
    return math.nan if x is None else float(x[known].mean())
