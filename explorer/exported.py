"""A step of a run under estimators as one file: a page, a table or arrays."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer import arrays, ragged
from explorer.runs import Run
from explorer.types import Credit, Mask, Rollouts
from explorer.view import export, show

KINDS = (".html", ".csv", ".npz")
Chosen = Mapping[str, tuple[str, dict[str, Any]]]  # label: estimator and settings


def write(
    path: Path, run: Run, step: int, rollouts: Rollouts, chosen: Chosen, group: int | None
) -> dict[str, Any]:
    """Write the file, and say what is in it. Advantages are those within the whole batch.

    Args:
        group: the prompt whose completions are written; None: all.

    Raises:
        ValueError: no such group; more than the view can draw.
    """
    shown = {
        label: show.credited(rollouts, {name: settings})
        for label, (name, settings) in chosen.items()
    }
    parts: dict[str, Any] = {
        part: {
            label: own[part][name]
            for (label, own), (name, _) in zip(shown.items(), chosen.values(), strict=True)
            if name in own[part]
        }
        for part in ("credits", "notes", "segments")
    }
    title = f"{run.folder.resolve().name}, step {step}"
    if group is not None:
        title += _place(rollouts, group)
        tokens = _tokens(rollouts, group)
        rollouts = ragged.of_group(rollouts, group)
        parts["credits"] = {k: _cut(credit, tokens) for k, credit in parts["credits"].items()}
        parts["segments"] = {k: segment[tokens] for k, segment in parts["segments"].items()}
    if path.suffix.lower() == ".html":
        parts["blocks"] = tuple(run.info.get("blocks", ()))
        parts["outcomes"] = tuple(run.info.get("outcomes", ()))
        focus = list(chosen)[:2]
        export.html(rollouts, path=path, title=title, step=step, focus=focus, **parts)
    else:
        kind = arrays.table if path.suffix.lower() == ".csv" else arrays.arrays
        kind(path, rollouts, parts["credits"])
    return {
        "file": str(path),
        "step": step,
        "completions": len(rollouts.rewards),
        "tokens": len(rollouts.tokens),
        "estimators": len(chosen),
        "kilobytes": round(path.stat().st_size / 1000),
    }


def _tokens(rollouts: Rollouts, group: int) -> Mask:
    groups = int(rollouts.group.max()) + 1
    if not 0 <= group < groups:
        raise ValueError(f"there is no group {group}; the rollouts have groups 0 to {groups - 1}")
    return (rollouts.group == group)[rollouts.sample]


def _place(rollouts: Rollouts, group: int) -> str:
    """Where the completions of a prompt stand in the run: the view numbers them anew."""
    of = rollouts.group.tolist()
    places = [i + 1 for i, g in enumerate(of) if g == group] or [0]
    return f", group {group}: completions {places[0]} to {places[-1]} of {len(of)}"


def _cut(credit: Credit, tokens: Mask) -> Credit:
    parts = {f.name: getattr(credit, f.name) for f in dataclasses.fields(credit)}
    return Credit(**{k: v[tokens] if isinstance(v, Tensor) else v for k, v in parts.items()})
