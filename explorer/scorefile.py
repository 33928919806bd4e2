"""Score tables on disk: `scores/step=000012.safetensors` of a run folder, in float16.

Half precision rounds an entry by at most 1/2048 of itself, far below the projection's own error;
one factor for the whole table keeps it within range. Rows lie in the order of the rollouts' tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

PEAK = 1024.0  # largest entry on disk


@dataclass(frozen=True)
class Stored:
    """A table on disk; slices are read when they are asked for."""

    path: Path
    shape: tuple[int, int]
    unit: float
    made: Mapping[str, str]

    def __getitem__(self, rows: slice) -> Float[Tensor, "rows width"]:
        with safe_open(self.path, "pt") as file:
            return file.get_slice("scores")[rows].float() * self.unit


def path_of(folder: Path, step: int) -> Path:
    """Where the table of a step lies in a run folder."""
    return folder / "scores" / f"step={step:06d}.safetensors"


def write(path: Path, table: Float[Tensor, "tokens width"], **made: str | int | float) -> None:
    """Write a table atomically; `made` is kept with it (tier, seed, checkpoint ...)."""
    unit = float(table.abs().max()) / PEAK or 1.0
    notes = {**{k: str(v) for k, v in made.items()}, "unit": repr(unit)}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    half = (table / unit).to(torch.float16).contiguous().cpu()
    # Not save_file, which lets nobody else read what it writes.
    partial.write_bytes(save({"scores": half}, notes))
    partial.replace(path)


def read(path: Path) -> Stored:
    """Open a table that `write` left.

    Raises:
        ValueError: no such file, or not a score table.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = dict(file.metadata() or {})
            tokens, width = file.get_slice("scores").get_shape()
        return Stored(path, (tokens, width), float(notes.pop("unit")), notes)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a score table; delete it, or build it anew") from error
