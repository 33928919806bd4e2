"""The view and the controls in a real JupyterLab, started as `make notebooks` starts it."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser.hosts import SLOW, coloured, free_port, keys_are_the_views, pin_first_token, server
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import ConsoleMessage, Locator, Page, expect
from view import made

pytestmark = [pytest.mark.browser, pytest.mark.notebook, pytest.mark.slow]

SETTINGS = Path(__file__).parents[2] / "notebooks" / "lab"
VIEW = """
import threading, time
from pathlib import Path
import ipywidgets
from view import made
from explorer.view.widget import TokenView
rollouts, other = (made.batch(prompts=2, samples=4, seed=seed) for seed in (0, 5))
view = TokenView(rollouts, made.credits(rollouts))
said = ipywidgets.Label("nothing yet")
view.observe(lambda c: setattr(said, "value", f"saw {len(c['new']['pins'])} pin"), "state")
button = ipywidgets.Button(description="another")
button.on_click(lambda _: view.show(other, made.credits(other)))
ipywidgets.VBox([said, button, view])
"""
BUSY = """
def send():
    while not Path("begin").exists():
        time.sleep(0.01)
    view.show(other, made.credits(other))
threading.Thread(target=send).start()
while not Path("end").exists():
    time.sleep(0.01)
print("the cell has ended")
"""
TURNED = """
import ipywidgets
from view import made
import explorer
from explorer.estimators.gae import gae
from explorer.view.show import credited
from notebooks.controls import Controls
rollouts = made.batch(prompts=1, samples=4)
panel = Controls(gae)
view = explorer.show(rollouts, ["gae"])
turn = lambda _: view.show(rollouts, **credited(rollouts, {"gae": panel.settings}))
panel.observe(turn, "settings")
ipywidgets.VBox([panel, view])
"""
FIRST, OTHER = (made.batch(prompts=2, samples=4, seed=seed).prompts or [""] for seed in (0, 5))


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Address and folder of a JupyterLab."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    own = [f"--ServerApp.root_dir={folder}", f"--LabApp.app_settings_dir={SETTINGS}"]
    flags = ["--no-browser", "--IdentityProvider.token=", f"--port={port}"]
    command = ["jupyterlab", f"--config={SETTINGS / 'config.json'}", *own, *flags]
    with server([*command, "--ServerApp.port_retries=0"], port, "/api/status", folder) as address:
        yield address, folder


@pytest.fixture
def quiet(page) -> Iterator[Page]:
    """A page that fails the test on any error in the console."""
    said: list[ConsoleMessage] = []
    page.on("console", lambda message: said.append(message))
    yield page
    assert [message.text for message in said if message.type == "error"] == []


def run(page: Page, lab: tuple[str, Path], name: str, *cells: str) -> None:
    """Open a notebook of these cells in a workspace of its own, and run one after another."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    code = [new_code_cell(cell.strip()) for cell in cells]
    notebook = new_notebook(cells=code, metadata=kernel)
    (lab[1] / f"{name}.ipynb").write_text(nbformat.writes(notebook))
    page.goto(f"{lab[0]}/lab/workspaces/{name}/tree/{name}.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=SLOW)
    editors = page.locator(".jp-CodeCell .cm-content")
    expect(editors).to_have_count(len(cells))
    for editor in editors.all():
        editor.click()
        page.keyboard.press("Control+Enter")
    page.locator(".ae-cell").first.wait_for(timeout=SLOW)


def prompt(page: Page) -> Locator:
    return page.locator(".ae-prompt code").first


def test_a_thread_shows_another_batch_while_a_cell_runs(quiet, lab):
    run(quiet, lab, "thread", VIEW, BUSY)
    expect(prompt(quiet)).to_have_text(FIRST[0])
    running, ended = quiet.get_by_text("[*]:"), quiet.get_by_text("the cell has ended", exact=True)
    expect(running).to_be_visible(timeout=SLOW)
    (lab[1] / "begin").touch()
    expect(prompt(quiet)).to_have_text(OTHER[0], timeout=SLOW)
    expect(running).to_be_visible()
    (lab[1] / "end").touch()
    expect(ended).to_be_visible(timeout=SLOW)
    expect(running).to_have_count(0)


def test_a_pin_reaches_python_and_survives_a_reload_of_the_page(quiet, lab):
    run(quiet, lab, "reload", VIEW)
    assert coloured(quiet)
    expect(prompt(quiet)).to_have_text(FIRST[0])
    keys_are_the_views(quiet)
    quiet.get_by_role("button", name="another").click()
    expect(prompt(quiet)).to_have_text(OTHER[0], timeout=SLOW)
    pin_first_token(quiet)
    quiet.get_by_text("saw 1 pin", exact=True).wait_for(timeout=SLOW)
    quiet.get_by_role("menuitem", name="File", exact=True).click()
    quiet.get_by_role("menuitem", name=re.compile("^Save Notebook( Ctrl|$)")).click()
    expect(quiet.locator(".lm-DockPanel .jp-mod-dirty")).to_have_count(0)
    quiet.reload()
    expect(prompt(quiet)).to_have_text(OTHER[0], timeout=SLOW)
    expect(quiet.locator(".ae-side")).to_be_visible()
    quiet.get_by_text("saw 1 pin", exact=True).wait_for(timeout=SLOW)
    quiet.locator(".ae-text").focus()
    quiet.keyboard.press("Escape")
    quiet.get_by_text("saw 0 pin", exact=True).wait_for(timeout=SLOW)


def test_a_turned_knob_reaches_the_view_and_the_button_turns_it_back(quiet, lab):
    run(quiet, lab, "knobs", TURNED)
    limit = quiet.locator(".ae-headname + *").first
    before = limit.inner_text()
    quiet.locator(".widget-slider", has_text="lam").get_by_role("slider").focus()
    quiet.keyboard.press("Home")
    expect(limit).not_to_have_text(before, timeout=SLOW)
    quiet.get_by_role("button", name="back to the defaults").click()
    expect(limit).to_have_text(before, timeout=SLOW)
