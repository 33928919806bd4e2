"""The README and CONTRIBUTING are true: files, links, commands, targets and code."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import table

from app.about import about
from explorer import catalog
from explorer.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TREE = README.partition("## The tree\n\n```\n")[2].partition("```")[0]
LISTED = [line.split()[0] for line in TREE.splitlines() if line]
RECONSTRUCTION = "reconstruction"
COVERED = [*ROOT.glob("explorer/*.py"), *ROOT.glob("app/*.py")]


@pytest.mark.parametrize("path", LISTED)
def test_every_line_of_the_tree_is_there(path):
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_every_file_is_in_the_tree():
    files = {str(f.relative_to(ROOT)) for f in COVERED if not f.name.startswith("__")}
    assert files == {p for p in LISTED if re.fullmatch(r"(explorer|app)/\w+\.py", p)}


def test_every_folder_is_in_the_tree():
    folders = [f for top in (ROOT, ROOT / "explorer") for f in top.iterdir() if f.is_dir()]
    inside = {f"{f.relative_to(ROOT)}/" for f in folders if any(f.rglob("*.[pjn]*"))}
    ours = {f for f in inside if not re.search(r"(^|/)[._]|^(runs|build|dist)/", f)}
    assert ours - {"explorer/", "app/"} <= set(LISTED)


def test_a_line_of_the_tree_is_half_a_line():
    assert max(map(len, TREE.splitlines())) <= 100


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_links_lead_somewhere(text):
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_commands_exist():
    commands = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    named = set(re.findall(r"`(?:\.venv/bin/)?explorer (\w+)", README))
    assert named == commands


def test_make_has_the_targets():
    makefile = (ROOT / "Makefile").read_text()
    targets = "demo|app|notebooks|test|lint|unit|format|clean"
    named = set(re.findall(rf"(?:^|[`\s])make ({targets})\b", README))
    assert named >= {"demo", "test"}
    assert [target for target in named if f"\n{target}:" not in makefile] == []


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_the_code_runs(text):
    scope: dict = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec("import torch\nfrom torch.testing import assert_close\n" + block, scope)
    tests = [run for name, run in scope.items() if name.startswith("test_")]
    for run in tests:
        run()
    assert tests or "credit" in scope


@pytest.mark.parametrize("kind", get_args(catalog.Kind))
def test_a_reconstruction_says_so_in_its_file_its_row_and_the_app(kind):
    rows = {name for name, cells in table.rows(kind).items() if RECONSTRUCTION in cells[-1].lower()}
    leaves = {name: catalog.load(kind, name) for name in catalog.names(kind)}
    files = {n for n, f in leaves.items() if RECONSTRUCTION in _first_line(f)}
    badges = {n for n, f in leaves.items() if about(f).reconstruction}
    assert rows == files == badges


def test_what_could_not_be_read_is_a_reconstruction():
    """ICPO and ReNCE not at all, of SAE the abstract, of ZIP-RC the predictor's code."""
    leaves = {
        "estimators": ["icpo_style", "nce_style", "sae", "zip_rc"],
        "objectives": ["nce"],
        "segmenters": ["low_probability"],
    }
    functions = [catalog.load(kind, name) for kind, names in leaves.items() for name in names]
    assert [f.__name__ for f in functions if RECONSTRUCTION not in _first_line(f)] == []


def _first_line(leaf: Callable) -> str:
    return (sys.modules[leaf.__module__].__doc__ or "").partition("\n")[0].lower()
