"""The run folder: the only interface between a trainer and whoever watches it.

    run.json          schema, when it was made, and what the maker says of it (task, estimator ...)
    metrics.jsonl     one line a step, appended and flushed
    status.json       state (running, paused, finished, stopped, failed), step, steps, pid, message
    control.json      the wanted state: run, pause, step or stop; read by the trainer between steps
    rollouts/step=000012/part-0.parquet
    scores/step=000012.safetensors      of its tokens (explorer.scoring, explorer.scored)
    truth/step=000012-....jsonl         true values while they are measured (explorer.valued)
    checkpoints/step=000012/

Files other than metrics.jsonl are written under another name and renamed, so a reader never sees
half of one. Nothing here is a pickle.
"""

import contextlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from explorer import parquet, scorefile, strict
from explorer.types import Rollouts

SCHEMA = 1
State = Literal["running", "paused", "finished", "stopped", "failed"]
Wanted = Literal["run", "pause", "step", "stop"]
_FILES = ("metrics.jsonl", "status.json", "control.json", "run.json")
_FOLDERS = ("rollouts", "scores", "truth", "checkpoints")


@dataclass(frozen=True)
class Run:
    """A run folder, opened. Reading never changes it."""

    folder: Path
    info: dict[str, Any]

    def steps(self) -> list[int]:
        """The steps whose rollouts are kept, in order."""
        parts = (self.folder / "rollouts").glob("step=*/part-0.parquet")
        return sorted(int(part.parent.name.removeprefix("step=")) for part in parts)

    def has(self, step: int, field: str) -> bool:
        """Whether the rollouts of a step that were kept have a field; reads no rows."""
        return field in parquet.fields(self._part(step))

    def rollouts(self, step: int) -> Rollouts:
        """The rollouts that were sampled at a step.

        Raises:
            ValueError: they were not kept; names the steps nearest to it.
        """
        if step not in (kept := self.steps()):
            near = sorted(sorted(kept, key=lambda k: abs(k - step))[:3])
            others = f"; the nearest are {', '.join(map(str, near))}" if near else ""
            raise ValueError(f"{self.folder} holds no rollouts of step {step}{others}")
        return parquet.read(self._part(step))

    def metrics(self) -> list[dict[str, Any]]:
        """One dictionary a step, in order; a line that is still being written is left out.

        Raises:
            ValueError: a finished line that is not JSON, with its number.
        """
        path = self.folder / "metrics.jsonl"
        with _readable(path):
            lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return [_row(path, i, line) for i, line in enumerate(lines, 1) if line.endswith("\n")]

    def status(self) -> dict[str, Any]:
        """What the trainer last said of itself, or that it is gone without a word.

        A run that no trainer of ours wrote is finished at its last step.
        """
        last = max(self.steps(), default=0)
        nobody = {"state": "finished", "step": last, "steps": last, "message": ""}
        status = _read(self.folder / "status.json", nobody)
        here = status.get("host") == socket.gethostname()
        if status["state"] in ("running", "paused") and here and not _alive(status["pid"]):
            status |= {"state": "failed", "message": f"the trainer (process {status['pid']}) died"}
        return status

    def control(self) -> Wanted:
        """The state that somebody wants the trainer to be in."""
        return _read(self.folder / "control.json", {"state": "run"})["state"]

    def append(self, row: dict[str, Any]) -> None:
        """Add the metrics of one step; a number that is not finite is written as null."""
        with _writable(self.folder), (self.folder / "metrics.jsonl").open("a") as file:
            file.write(strict.dumps(row) + "\n")

    def write(self, step: int, rollouts: Rollouts) -> None:
        """Keep the rollouts of one step."""
        path = self._part(step)
        with _writable(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            parquet.write(path, rollouts)

    def prune(self, *, every: int, last: int) -> None:
        """Delete the rollouts of all steps but each `every`th, the first and the `last` ones."""
        kept = self.steps()
        for step in kept[1 : max(len(kept) - last, 1)]:
            if step % every:
                self._delete(step)

    def rewind(self, step: int) -> None:
        """Delete metrics and rollouts of later steps, so that a resumed trainer redoes them."""
        rows = [row for row in self.metrics() if row["step"] <= step]
        with _writable(self.folder):
            text = "".join(strict.dumps(row) + "\n" for row in rows)
            _replace(self.folder / "metrics.jsonl", text)
        for later in self.steps():
            if later > step:
                self._delete(later)

    def set_status(self, state: State, *, step: int, steps: int, message: str = "") -> None:
        """Say how far this process is with `steps` steps."""
        status = {"state": state, "step": step, "steps": steps, "message": message}
        process = {"pid": os.getpid(), "host": socket.gethostname(), "updated": time.time()}
        self._save("status.json", status | process)

    def set_control(self, state: str) -> None:
        """Ask the trainer for a state.

        Raises:
            ValueError: a state that does not exist.
        """
        if state not in get_args(Wanted):
            raise ValueError(f"control must be one of {', '.join(get_args(Wanted))}; got {state!r}")
        self._save("control.json", {"state": state})

    def _save(self, name: str, content: dict[str, Any]) -> None:
        with _writable(self.folder):
            _replace(self.folder / name, strict.dumps(content, indent=2))

    def _delete(self, step: int) -> None:
        with _writable(self.folder):
            scorefile.path_of(self.folder, step).unlink(missing_ok=True)
            shutil.rmtree(self._part(step).parent)

    def _part(self, step: int) -> Path:
        return self.folder / "rollouts" / f"step={step:06d}" / "part-0.parquet"


def create(folder: Path | str, info: dict[str, Any], force: bool = False) -> Run:
    """Make a run folder; parents are made too.

    Args:
        force: an earlier run in the folder is deleted, and nothing that is not part of a run.

    Raises:
        ValueError: the folder holds a run and `force` is off, or something that is no run.
    """
    folder = Path(folder).expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        if not (folder / "run.json").is_file():
            raise ValueError(f"{folder} exists and is not a run folder; choose another name")
        if not force:
            raise ValueError(f"{folder} already holds a run; choose another name or use force")
        _clear(folder)
    run = Run(folder, {"schema": SCHEMA, "created": time.time()} | info)
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    run._save("run.json", run.info)
    return run


def open_run(folder: Path | str) -> Run:
    """Open a run folder.

    Raises:
        ValueError: not a run folder, not readable, or of a newer schema.
    """
    folder = Path(folder).expanduser()
    if not (folder / "run.json").is_file():
        what = "has no run.json" if folder.is_dir() else "does not exist"
        raise ValueError(f"{folder} is not a run folder: it {what}")
    info = _read(folder / "run.json", {})
    if (schema := info.get("schema", 0)) > SCHEMA:
        raise ValueError(f"{folder} has schema {schema}, newer than {SCHEMA}; update this program")
    return Run(folder, info)


def _clear(folder: Path) -> None:
    with _writable(folder):
        for name in _FOLDERS:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
        for name in _FILES:  # run.json last: until then it is a run folder that can be cleared
            (folder / name).unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    hidden = path.with_name(path.name + ".tmp")
    hidden.write_text(text)
    hidden.replace(path)


def _read(path: Path, default: dict[str, Any]) -> dict[str, Any]:
    if not path.exists():
        return default
    with _readable(path):
        text = path.read_text()
    return _row(path, 1, text)


def _row(path: Path, number: int, text: str) -> dict[str, Any]:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {number}: not JSON ({error})") from error


def _alive(pid: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process, but a process
        return True
    return True


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ValueError(f"{folder} cannot be written: {error.strerror}") from error
