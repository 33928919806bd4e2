"""The lessons run from top to bottom, in silence, and the data say what their text says."""

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MINUTE = 60  # seconds that a whole lesson may take
CLAIMS = {  # what the text relies on, asked of the lesson's own variables
    "1_one_batch": """
from explorer.view.wire import unpack

assert len(grpo.advantage[its_tokens].unique()) == 1  # one number for the completion
assert prompt == 2 and 45 in [i + 1 for i in mine]  # the view's numbers
assert grpo.advantage[digit] < 0 < bae.advantage[digit]  # the sign turns
assert float(bae.baseline[digit]) == float(in_stratum[doubter]) < float(in_group[doubter])
by_confidence = rollouts.block == 1
of_wrong = by_confidence & ~right_answer
assert (opposite & of_wrong).sum() / of_wrong.sum() > 0.4  # where they disagree most
assert (grpo.advantage[of_wrong] < 0).float().mean() > 0.9  # question 1
assert 0.4 < sign["grpo", "stratum 1/0"] <= 0.5 and sign["bae", "stratum 1/0"] > 0.9
assert (credits["process_grpo"].advantage[by_confidence] == 0).all()  # so half of its signs
assert sign["process_grpo", "block 1"] == sign["process_grpo", "stratum 1/0"] == 0.5
assert rollouts.values.abs().max() == 0 < late.values.abs().max()  # the critic of part 4
assert inside > 0  # question 3: lam is 1
gae = [catalog.run(known["gae"], mixed, lam=lam).advantage for lam in (0.0, 0.5, 0.95, 1.0)]
differ = [float((a - peers.mean(a, mixed.sample)).std()) for a in gae]
assert differ == sorted(differ) and differ[-1] > 2 * differ[0]  # part 4: at the end of 1
assert unpack(beside.payload)["state"]["scope"] == "locked"
turn(None)
assert unpack(beside.payload)["state"]["scope"] == "locked"
finer = truth.measure(policy, task, rollouts, at="tokens", n=32)  # question 5
for row in compare.agreement(finer, {name: credits[name] for name in some}):
    if (row["estimator"], row["scope"]) in sign and row["scope"] in ("block 0", "block 1"):
        zeros = row["estimator"] == "process_grpo" and row["scope"] == "block 1"
        assert zeros or row["sign"] < sign[row["estimator"], row["scope"]]
"""
}


def cells(lesson: Path, kind: str) -> list[str]:
    return [cell.source for cell in nbformat.read(lesson, 4).cells if cell.cell_type == kind]


def loud(notebook: nbformat.NotebookNode) -> list[str]:
    """What cells wrote to the error stream, and the errors that they ended with."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    errors = [o.evalue for o in outputs if o.output_type == "error"]
    return errors + [o.text for o in outputs if o.get("name") == "stderr"]


def executed(
    notebook: nbformat.NotebookNode, folder: Path, **options: Any
) -> nbformat.NotebookNode:
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=MINUTE, resources=place, **options).execute()
    return notebook


@pytest.fixture(autouse=True)
def nobodys_profile(monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.mark.notebook
@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_within_a_minute(lesson):
    notebook = nbformat.read(lesson, 4)
    notebook.cells.append(new_code_cell(CLAIMS[lesson.stem]))
    begin = time.perf_counter()
    assert loud(executed(notebook, lesson.parent)) == []
    assert time.perf_counter() - begin < MINUTE
    assert all(cell.outputs for cell in notebook.cells[:-1] if cell.cell_type == "code")


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.text for output in outputs if output.get("name") == "stdout"]


@pytest.mark.notebook
@pytest.mark.slow
def test_the_first_lesson_runs_on_a_run_of_ones_own(tmp_path):
    lesson = LESSONS[0]
    command = re.findall("explorer (train .*)", cells(lesson, "markdown")[-1])[0]
    asked = shlex.split(command.replace("runs/mine", str(tmp_path / "mine")))
    subprocess.run([sys.executable, "-m", "explorer", *asked], check=True, capture_output=True)
    recorded = executed(nbformat.read(lesson, 4), lesson.parent)
    notebook = nbformat.read(lesson, 4)
    first = next(cell for cell in notebook.cells if "open_run(" in cell.source)
    first.source = re.sub(r"open_run\(.*\)", f'open_run("{tmp_path / "mine"}")', first.source)
    own = executed(notebook, lesson.parent, allow_errors=True)
    assert loud(own) == []
    pairs = zip(printed(own), printed(recorded), strict=True)
    assert sum(mine != theirs for mine, theirs in pairs) > len(printed(own)) // 2


@pytest.mark.notebook
def test_a_loud_cell_would_be_noticed(tmp_path):
    sources = "import warnings\nwarnings.warn('old')", "1 / 0"
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell(source) for source in sources])
    warning, error = sorted(loud(executed(notebook, tmp_path, allow_errors=True)), key=len)[::-1]
    assert "UserWarning: old" in warning
    assert error == "division by zero"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_git_keeps_no_outputs(lesson):
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    name = lesson.relative_to(ROOT).as_posix()
    kept = subprocess.run(["git", "show", f":{name}"], cwd=ROOT, capture_output=True, text=True)
    text = kept.stdout or lesson.read_text()  # a new lesson that git does not know yet
    notebook = nbformat.reads(text, 4)
    assert "widgets" not in notebook.metadata  # JupyterLab saves their state
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert [c.source for c in code if c.outputs or c.execution_count] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_words_come_before_code(lesson):
    kinds = [cell.cell_type for cell in nbformat.read(lesson, 4).cells]
    assert "code,code" not in ",".join(kinds)
    assert kinds[0] == kinds[-1] == "markdown"
    assert max(len(source.splitlines()) for source in cells(lesson, "code")) <= 20


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_measured_numbers_are_printed_not_typed(lesson):
    typed = [re.findall(r"\d\.\d|\d ?%", text) for text in cells(lesson, "markdown")]
    assert [found for found in typed if found] == []
