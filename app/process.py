"""A command started from the app: its own process, which only the run folder ties to the app.

It outlives the app. What it prints goes to a log, for a command that dies before it has written
anything into the folder.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Started:
    """A started command and where its words go."""

    process: subprocess.Popen
    log: Path

    def ended(self) -> str | None:
        """None while it runs, then the last line it said if it failed, else an empty text."""
        if (code := self.process.poll()) is None:
            return None
        lines = [line.strip(" │╭╮╰╯─") for line in self.log.read_text("utf-8").splitlines()]
        last = next((line for line in reversed(lines) if line), f"it ended with code {code}")
        return last if code else ""


_trainers: dict[Path, Started] = {}  # of this server, for all its pages


def start(folder: Path, arguments: Sequence[str]) -> None:
    """Start `explorer train` on a folder that does not exist yet.

    Raises:
        ValueError: the folder exists, so that no run is ever overwritten.
    """
    if folder.exists():
        raise ValueError(f"{folder} already exists; choose another name")
    log = folder.with_name(folder.name + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    _trainers[folder] = launch(["train", *arguments, "--out", str(folder)], log)


def trainer(folder: Path) -> Started | None:
    """The trainer that this server started on a folder."""
    return _trainers.get(folder)


def launch(words: Sequence[str], log: Path) -> Started:
    """Start a command of `explorer`."""
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "explorer", *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal of the app is not for it
        )
    return Started(process, log)
