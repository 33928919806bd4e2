"""The README's table of estimators as data: the one place that says how fine their credit is."""

import re
from functools import cache
from importlib.metadata import metadata
from pathlib import Path

import explorer

_ROW = re.compile(r"^\| \[(\w+)\]\(explorer/estimators/\1\.py\) \|(.*)\|$", re.MULTILINE)


@cache
def estimators() -> dict[str, dict[str, str]]:
    """Granularity, bias and sentence of each estimator, by its name."""
    columns = ("reads", "granularity", "unbiased", "sentence")
    return {
        name: dict(zip(columns, (cell.strip() for cell in cells.split("|")), strict=True))
        for name, cells in _ROW.findall(_readme())
    }


def _readme() -> str:
    """From the clone, else as the installed package carries it."""
    file = Path(explorer.__file__).parents[1] / "README.md"
    if file.exists():
        return file.read_text(encoding="utf-8")
    return str(metadata("advantage-explorer").json["description"])
