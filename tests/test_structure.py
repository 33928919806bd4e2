"""The promises of the tree: imports point one way, packages have their doors, files stay short."""

import ast
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import table

from explorer import catalog

ROOT = Path(__file__).parents[1]
LAYERS = [  # a file may import from the rows above its own, and from its own folder
    "types knobs recursion task noise budget glyphs scorefile journal pieces strict progress "
    "readme outfile serve",
    "printed anchor peers ragged arithmetic answers confidence calibration ansi paired correlation "
    "inconsistency answered",
    "text rows report",
    "estimators segmenters objectives aggregations tasks",
    "arrays catalog parquet",
    "unmeasured policy runs metrics config needs weights positions reference reader",
    "engines directions learn checkpoint critic joint control leaves options turns walk",
    "rollouts gradients sketch tail kept verdict importance",
    "predictors scores scored tree pretrain continuations",
    "truth contributions scoring",
    "collect",
    "compare train view figures formula terminal variance",
    "nearest",
    "pages exported valued compared",
    "commands",
    "cli",
    "__main__",
]
LEAVES = {"estimators", "segmenters", "objectives", "aggregations", "tasks", "engines"}
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row.split()}
DOORS = {  # package: the only files (or folders) under explorer/ that import it
    "transformers": {"policy.py", "pretrain.py", "engines/transformers.py"},
    "tokenizers": {"pretrain.py"},
    "vllm": {"engines/vllm.py"},
    "math_verify": {"answers.py"},
    "plotly": {"figures"},
    "anywidget": {"view/widget.py"},
    "streamlit": set(),
    "typer": {"cli.py", "commands"},
}
FILES = sorted((ROOT / "explorer").rglob("*.py"))
SOURCES = [f for folder in ("explorer", "app", "tests") for f in (ROOT / folder).rglob("*.py")]


def imports(source: str) -> Iterator[str]:
    """Full names of the modules that a source imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, "imports are absolute"
            inside = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from inside if node.module == "explorer" else (node.module,)


def upward(file: Path) -> set[str]:
    """What `file` imports that is not above it."""
    here, *below = file.relative_to(ROOT / "explorer").parts
    here = here.removesuffix(".py")
    assert here in RANK, f"{file.name} has no row in LAYERS; say where it belongs"
    ours = {name.split(".")[1] for name in imports(file.read_text()) if name[:9] == "explorer."}
    inside = {here} if below and here not in LEAVES else set()
    return {name for name in ours - inside if RANK[name] >= RANK[here]}


def short(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", [f for f in FILES if f.name != "__init__.py"], ids=short)
def test_imports_point_one_way(file):
    assert upward(file) == set()


@pytest.mark.parametrize("file", FILES, ids=short)
def test_heavy_packages_have_one_door(file):
    inside = file.relative_to(ROOT / "explorer")
    here = {str(inside), inside.parts[0]}
    packages = {name.split(".")[0] for name in imports(file.read_text())}
    assert {p for p in packages & set(DOORS) if not here & DOORS[p]} == set()


def test_imports_are_found_wherever_they_stand():
    source = "import a.b\ndef f():\n    from explorer import c\n    from explorer.d import e\n"
    assert list(imports(source)) == ["a.b", "explorer.c", "explorer.d"]


@pytest.mark.parametrize("file", SOURCES, ids=short)
def test_no_file_is_long(file):
    assert len(file.read_text().splitlines()) <= 300


def test_most_files_are_short():
    lengths = [len(f.read_text().splitlines()) for f in FILES if f.name != "__init__.py"]
    assert statistics.median(lengths) < 80


@pytest.mark.parametrize("kind", get_args(catalog.Kind))
def test_every_leaf_has_a_test_and_a_row(kind):
    tested = {f.stem.removeprefix("test_") for f in (ROOT / "tests" / kind).glob("test_*.py")}
    assert tested == set(catalog.names(kind)) == set(table.rows(kind))


@pytest.mark.parametrize("kind", get_args(catalog.Kind))
def test_rows_are_alphabetical(kind):
    assert list(table.rows(kind)) == sorted(table.rows(kind))


def loaded(code: str) -> set[str]:
    """Packages that a fresh interpreter has loaded after `code`."""
    code += "\nimport sys; print('loaded:', *{name.split('.')[0] for name in sys.modules})"
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


HEAVY = {"torch", "pyarrow", "jupyterlab", *DOORS} - {"typer"}
HELP = """
import contextlib, sys
sys.argv = ['explorer', '--help']
from explorer.cli import main
with contextlib.suppress(SystemExit):
    main()
"""


@pytest.mark.parametrize("code", ["import explorer", HELP], ids=["import", "help"])
def test_a_light_start(code):
    assert loaded(code) & HEAVY == set()


def test_a_heavy_start_would_be_noticed():
    assert "torch" in loaded("import explorer.types")


def test_the_core_needs_no_model_library():
    core = "import explorer.catalog as c; c.load('estimators', 'grpo')"
    assert loaded(core) & HEAVY == {"torch"}
