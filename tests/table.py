"""The README's tables of leaves, as cells."""

import re
from pathlib import Path

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")


def rows(kind: str) -> dict[str, list[str]]:
    """Cells after the name in each row that links to a file of `kind`, by the file's name."""
    found = re.findall(rf"^\| \[(\w+)\]\(explorer/{kind}/\1\.py\) \|(.*)\|$", README, re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in found}
