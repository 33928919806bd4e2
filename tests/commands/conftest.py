"""Commands as they are typed, and a run of two steps for them."""

import sys
from pathlib import Path

import pytest

from explorer import cli

TINY = ("--prompts", "2", "--samples", "3", "--max-new-tokens", "24")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A run of two steps."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit, match="0"):
        patch.setattr(sys, "argv", ["explorer", "train", "--out", str(out), "--steps", "2", *TINY])
        cli.main()
    return out


@pytest.fixture
def explorer(monkeypatch, capsys):
    """Type a command: exit code, standard output, standard error."""

    def typed(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["explorer", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return typed


@pytest.fixture
def refused(explorer):
    """Type a command that ends with 2: its sentence."""

    def typed(*words: object) -> str:
        code, out, error = explorer(*words)
        assert (code, out) == (2, "")
        sentence = error.splitlines()[-1]
        assert sentence.startswith("explorer: ")
        return sentence.removeprefix("explorer: ")

    return typed
