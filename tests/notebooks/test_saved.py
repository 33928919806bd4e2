"""What is left of the token view in a notebook that was turned into a page."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [pytest.mark.notebook, pytest.mark.slow]

VIEW = """
import explorer
from explorer.types import Rollouts

group = [0, 0]
rollouts = Rollouts.from_lists(tokens=[[5, 6], [5, 8]], rewards=[1.0, 0.0], group=group)
explorer.show(rollouts, ["grpo"])
"""
STILL = "Run the cell for the whole view."
FROM_THE_WEB = "@jupyter-widgets/html-manager"


@pytest.fixture
def executed(monkeypatch, tmp_path) -> nbformat.NotebookNode:
    """A notebook with the state of its widgets, as JupyterLab saves it if asked to."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = new_notebook(cells=[new_code_cell(VIEW.strip())])
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    return notebook


def page(notebook: nbformat.NotebookNode) -> str:
    return HTMLExporter().from_notebook_node(notebook)[0]


def test_a_page_without_widget_state_has_the_still_picture(executed):
    del executed.metadata["widgets"]
    assert STILL in page(executed)


def test_a_page_with_widget_state_loads_the_view_from_the_web(executed):
    assert STILL not in page(executed) and FROM_THE_WEB in page(executed)
