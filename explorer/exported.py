"""A step of a run under estimators as one file: a page, a table or arrays."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer import arrays, outfile, ragged
from explorer.runs import Run
from explorer.types import Credit, Mask, Rollouts
from explorer.view import export, show

KINDS = (".html", ".csv", ".npz")
Chosen = Mapping[str, tuple[str, dict[str, Any]]]  # label: estimator and settings


def room(path: Path, force: bool) -> Path:
    """The path, if a page, a table or arrays may be written there.

    Raises:
        ValueError: a picture, which takes a browser; what `outfile.room` refuses.
    """
    if path.suffix.lower() == ".png":
        raise ValueError(
            f"{path} takes a browser to draw: export {path.with_suffix('.html').name}, open it, "
            "and press PNG in its menu \u22ef"
        )
    return outfile.room(path, force, KINDS)


def write(
    path: Path, run: Run, step: int, rollouts: Rollouts, chosen: Chosen, group: int | None
) -> dict[str, Any]:
    """Write the file, and say what is in it. Advantages are those within the whole batch.

    What stood there is replaced when all is written, and not before.

    Args:
        group: the prompt whose completions are written; None: all.

    Raises:
        ValueError: no such group; more than the view can draw.
    """
    parts: dict[str, Any] = _credited(rollouts, chosen)
    title = f"{run.folder.resolve().name}, step {step}"
    if group is not None:
        title += _place(rollouts, group)
        tokens = _tokens(rollouts, group)
        rollouts = ragged.of_group(rollouts, group)
        parts = {part: {k: _cut(x, tokens) for k, x in own.items()} for part, own in parts.items()}
        parts["groups"] = [group]
    if path.suffix.lower() == ".html":
        parts["blocks"] = tuple(run.info.get("blocks", ()))
        parts["outcomes"] = tuple(run.info.get("outcomes", ()))
        parts.update(title=title, step=step, focus=list(chosen)[:2])
        kind = export.html
    else:
        parts = {k: x for k, x in parts.items() if k in ("credits", "unmeasured", "groups")}
        kind = arrays.table if path.suffix.lower() == ".csv" else arrays.arrays
    hidden = path.with_name(path.name + ".tmp")
    try:
        kind(path=hidden, rollouts=rollouts, **parts)
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)
    return {
        "file": str(path),
        "step": step,
        "completions": len(rollouts.rewards),
        "tokens": len(rollouts.tokens),
        "estimators": len(chosen),
        "kilobytes": round(path.stat().st_size / 1000),
    }


def _credited(rollouts: Rollouts, chosen: Chosen) -> dict[str, Any]:
    """What the view takes of each estimator, by its label: one may stand there twice."""
    shown = {
        label: show.credited(rollouts, {name: settings})
        for label, (name, settings) in chosen.items()
    }
    return {
        part: {
            label: own[part][name]
            for (label, own), (name, _) in zip(shown.items(), chosen.values(), strict=True)
            if name in own[part]
        }
        for part in ("credits", "notes", "segments", "unmeasured")
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
    return f", prompt {group}: completions {places[0]} to {places[-1]} of {len(of)}"


def _cut(part: Any, tokens: Mask) -> Any:
    """What a part says of some tokens; a note is of all."""
    if isinstance(part, Tensor):
        return part[tokens]
    if not isinstance(part, Credit):
        return part
    terms = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
    return Credit(**{name: _cut(term, tokens) for name, term in terms.items()})
