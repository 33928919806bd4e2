"""What a leaf's file says of itself: its name and paper, and the parts of its docstring."""

import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import explorer

_PAPER = re.compile(r"([A-Z][^.,]*(?: et al\.)?,? \d{4}), arXiv:\d{4}\.")
_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
# What is told beside the title is taken out of it.
_BESIDE = re.compile(
    r"^reconstruction: |,? ?\(?reconstruction\)?|(?:,? )?arXiv:[\d.]+\d", re.IGNORECASE
)


@dataclass(frozen=True)
class About:
    """The first line of a leaf's file, taken apart, and the body of its docstring."""

    title: str
    source: str  # authors and year
    arxiv: str | None
    reconstruction: bool  # not every formula could be checked against the paper
    summary: str
    body: list[tuple[str, str]]  # ("text" | "equation", content), in order
    file: Path

    @property
    def path(self) -> str:
        """Of the file, from the root of the project."""
        return self.file.relative_to(Path(explorer.__file__).parent.parent).as_posix()

    @property
    def link(self) -> str | None:
        """Address of the paper."""
        return self.arxiv and f"https://arxiv.org/abs/{self.arxiv}"


def about(function: Callable[..., Any]) -> About:
    """Read the docstrings of a leaf and of its file."""
    module = sys.modules[function.__module__]
    doc = " ".join((module.__doc__ or "").split())
    first = (module.__doc__ or "").strip().partition("\n")[0]
    paper, arxiv = _PAPER.search(doc), _ARXIV.search(doc)
    title, _, rest = first.partition(". ")
    title = _BESIDE.sub("", title).rstrip(".")
    parts = _parts(inspect.getdoc(function) or "")
    summary = parts[0][1] if parts and parts[0][0] == "text" else ""
    return About(
        title=title[:1].upper() + title[1:],
        source=paper[1] if paper else _BESIDE.sub("", rest).strip(". "),
        arxiv=arxiv[1] if arxiv else None,
        reconstruction="reconstruction" in first.lower(),
        summary=summary,
        body=parts[1:] if summary else parts,
        file=Path(module.__file__ or ""),
    )


def _parts(doc: str) -> list[tuple[str, str]]:
    """Paragraphs and indented equations, up to the sections that knobs.py reads."""
    text = re.split(r"^(?:Args|Raises|Returns):\s*$", doc, maxsplit=1, flags=re.MULTILINE)[0]
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if all(line.startswith("    ") for line in block.splitlines()):
            found.append(("equation", textwrap.dedent(block)))
        else:
            found.append(("text", " ".join(block.split())))
    return found
