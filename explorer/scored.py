"""The score table of a step of a run: read if it is there, else built and kept.

A trainer leaves one if it is told to (`explorer.scoring`), perhaps of some prompts only, or of the
last layers only; else `explorer.sketch` builds it here. Everything after that needs no policy.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from explorer import kept, scorefile, sketch
from explorer.runs import Run
from explorer.scorefile import Stored
from explorer.sketch import Progress
from explorer.types import Rollouts

WIDTH = 512  # buckets


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose gradients, and how they are projected.

    `policy` is a folder in place of the policy that sampled or the one an update later; `width` how
    many buckets, None for the table that is there or else the usual one; `seed` that of the
    buckets. `force` builds the table anew even if another one is there; `progress` is told the
    share of it that is done.
    """

    policy: Path | None = None
    device: str = "auto"
    width: int | None = None
    seed: int = 0
    force: bool = False
    progress: Progress = None


def table(run: Run, step: int, rollouts: Rollouts, source: Source, *, temperature: float) -> Stored:
    """The table of a step in `scores/`.

    Args:
        temperature: at which the policy sampled.

    Raises:
        ValueError: a table of another width, policy or other rollouts is there; no policy was kept.
    """
    path = scorefile.path_of(run.folder, step)
    of = _digest(rollouts)
    if path.exists() and not source.force:
        return _checked(scorefile.read(path), rollouts, of, source)
    _room(path.parent)
    updates, policy = kept.sampler(run, step, rollouts, folder=source.policy, device=source.device)
    found = sketch.score_table(
        policy,
        rollouts,
        width=source.width or WIDTH,
        seed=source.seed,
        temperature=temperature,
        progress=source.progress,
    )
    made = {"of": of, "policy": _name(source), "updates": updates, "seed": source.seed}
    known = {k: v for k, v in made.items() if v is not None}
    scorefile.write(path, found, tier="sketch", **known)
    return scorefile.read(path)


def tier(stored: Stored) -> str:
    """What a table projects: sketch or tail, and in which metric if not that of the parameters."""
    metric = stored.made.get("metric", "plain")
    return stored.made.get("tier", "sketch") + ("" if metric == "plain" else f", {metric}")


def _checked(found: Stored, rollouts: Rollouts, of: str, source: Source) -> Stored:
    """The table, if it is what is wanted; what it does not say of itself is not asked."""
    other = ""
    if found.shape[0] > len(rollouts.tokens) or found.made.get("of", of) != of:
        other = "of other rollouts"
    elif source.width not in (None, found.shape[1]):
        other = f"{found.shape[1]} wide"
    elif source.policy is not None and found.made.get("policy") != _name(source):
        other = "of another policy"
    if other:
        raise ValueError(f"the score table {found.path} is {other}; replace it with --force")
    return found


def _name(source: Source) -> str | None:
    return None if source.policy is None else str(source.policy.resolve())


def _room(folder: Path) -> None:
    """Minutes of work are not begun if their result can not be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{folder} cannot be written: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{folder} cannot be written: permission denied")


def _digest(rollouts: Rollouts) -> str:
    everything = (rollouts.tokens.tolist(), rollouts.sample.tolist(), rollouts.prompt_tokens)
    return hashlib.sha256(repr(everything).encode()).hexdigest()[:16]
