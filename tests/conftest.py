"""One thread and derandomised property tests, so that a run can be repeated.

Tests that need what this machine lacks are left out, and one line at the end says which and how to
get them. `REQUIRE=browser` (names of marks, by commas) turns that into an error.
"""

import gc
import os
import shutil
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("default", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("default")

CHROMIUM = shutil.which("chromium")
NEEDS = {  # mark, or package that is a reference: what it needs is here, how to get it
    "browser": (CHROMIUM is not None, "apt-get install chromium fonts-noto-core"),
    "vllm": (find_spec("vllm") is not None, ".venv/bin/uv pip install vllm"),
    "verl": (find_spec("verl") is not None, "see the top of tests/test_references.py"),
    "trl": (find_spec("trl") is not None, "see the top of tests/test_reference_trl.py"),
    "gpu": (torch.cuda.is_available(), "a machine with CUDA"),
}
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_configure() -> None:
    """Refuse to begin without what is required."""
    for mark, (here, how) in NEEDS.items():
        if not here and mark in os.environ.get("REQUIRE", "").split(","):
            raise pytest.UsageError(f"{mark} tests can't run here; {how}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that were asked for and can't run here."""
    left = config.stash[LEFT_OUT] = {}
    for mark, (here, _) in NEEDS.items():
        wanting = [item for item in items if mark in _needs(item)]
        if here or not wanting:
            continue
        left[mark] = len(wanting)
        items[:] = [item for item in items if item not in wanting]
        config.hook.pytest_deselected(items=wanting)


def _needs(item: pytest.Item) -> set[str]:
    """Names of its marks; those of references to a package by that package."""
    marks = item.iter_markers()
    return {name for m in marks for name in (m.args if m.name == "reference" else [m.name])}


def pytest_collection_finish() -> None:
    """Never search for garbage what was imported: a million objects that stay."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells what it left out to the process that prints the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash.get(LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects all tests, so the last one knows what each of them left out."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config):
    """Say what was left out."""
    for mark, count in config.stash.get(LEFT_OUT, {}).items():
        terminalreporter.line(f"left out {count} {mark} tests; to run them: {NEEDS[mark][1]}")


@pytest.fixture(scope="session")
def verl():
    """verl's algorithms, which do nothing but tensor arithmetic."""
    from verl.trainer.config import AlgoConfig
    from verl.trainer.ppo import core_algos
    from verl.workers.config import ActorConfig, PolicyLossConfig

    def actor(policy_loss=(), **chosen):
        own = PolicyLossConfig(**dict(policy_loss))
        return ActorConfig(
            strategy="fsdp",
            rollout_n=1,
            ppo_micro_batch_size_per_gpu=1,
            policy_loss=own,
            **chosen,
        )

    return SimpleNamespace(algos=core_algos, algorithm=AlgoConfig, actor=actor)
