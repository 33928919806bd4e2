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
def saw(change):
    places = [f"{pin['token'] + 1} of {pin['sample'] + 1}" for pin in change["new"]["pins"]]
    said.value = " ".join(["saw", f"{len(places)} pin", *places])
view.observe(saw, "state")
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
    opened(page, lab, name)
    editors = page.locator(".jp-CodeCell .cm-content")
    expect(editors).to_have_count(len(cells))
    for editor in editors.all():
        editor.click()
        page.keyboard.press("Control+Enter")
    page.locator(".ae-cell").first.wait_for(timeout=SLOW)


def opened(page: Page, lab: tuple[str, Path], name: str) -> None:
    """A notebook in a workspace of its own, with a kernel of its own."""
    page.goto(f"{lab[0]}/lab/workspaces/{name}/tree/{name}.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=SLOW)


def save(page: Page) -> None:
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Save Notebook( Ctrl|$)")).click()
    expect(page.locator(".lm-DockPanel .jp-mod-dirty")).to_have_count(0)


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
    quiet.get_by_text(re.compile(r"^saw 1 pin \d+ of \d+$")).wait_for(timeout=SLOW)
    save(quiet)
    quiet.reload()
    expect(prompt(quiet)).to_have_text(OTHER[0], timeout=SLOW)
    expect(quiet.locator(".ae-side")).to_be_visible()
    quiet.get_by_text(re.compile(r"^saw 1 pin \d+ of \d+$")).wait_for(timeout=SLOW)
    quiet.locator(".ae-text").focus()
    quiet.keyboard.press("Escape")
    quiet.get_by_text("saw 0 pin", exact=True).wait_for(timeout=SLOW)


def test_a_saved_notebook_shows_its_views_to_a_kernel_that_never_ran_it(quiet, lab):
    pinned = "view.state = {'pins': [{'sample': 0, 'token': 2}]}\nview"
    run(quiet, lab, "saved", VIEW, pinned)  # in a box, and by itself
    expect(quiet.locator(".ae-side:visible")).to_have_count(2, timeout=SLOW)
    save(quiet)
    (lab[1] / "reopened.ipynb").write_text((lab[1] / "saved.ipynb").read_text())
    opened(quiet, lab, "reopened")
    expect(quiet.locator(".ae-side:visible")).to_have_count(2, timeout=SLOW)
    expect(prompt(quiet)).to_have_text(FIRST[0])
    assert coloured(quiet)


def test_a_click_moves_the_pin_and_ctrl_click_adds_one_to_compare(quiet, lab):
    run(quiet, lab, "pins", VIEW)
    pin_first_token(quiet)
    first = places_are_pythons(quiet, 1)
    between = quiet.locator(".ae-difference")
    click(quiet, 95)
    expect(quiet.get_by_text(first)).to_have_count(0, timeout=SLOW)
    other = places_are_pythons(quiet, 1)
    expect(between).to_have_count(0)
    quiet.keyboard.down("Control")
    click(quiet, 30)
    quiet.keyboard.up("Control")
    expect(between).to_be_visible()
    assert places_are_pythons(quiet, 2).split()[3:] == other.split()[3:] + first.split()[3:]


def click(page: Page, right: int) -> None:
    """The first line of the text, so many pixels to the right."""
    box = page.locator(".ae-line").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + right, box["y"] + 14)
    page.locator(".ae-popup").wait_for(state="visible")
    page.mouse.click(box["x"] + right, box["y"] + 14)


def places_are_pythons(page: Page, many: int) -> str:
    """What Python heard: the numbers of the cards, which are one more than its own."""
    expect(page.get_by_text(f"saw {many} pin")).to_be_visible(timeout=SLOW)
    said = page.get_by_text(f"saw {many} pin").inner_text()
    cards = page.locator(".ae-side .ae-card .ae-facts > div:first-child dd").all_inner_texts()
    found = [re.sub(r" of \d+, completion ", " of ", card) for card in cards]
    assert said == " ".join(["saw", f"{many} pin", *found])
    return said


def test_a_turned_knob_reaches_the_view_and_the_button_turns_it_back(quiet, lab):
    run(quiet, lab, "knobs", TURNED)
    limit = quiet.locator(".ae-headname + *").first
    before = limit.inner_text()
    quiet.locator(".widget-slider", has_text="lam").get_by_role("slider").focus()
    quiet.keyboard.press("Home")
    expect(limit).not_to_have_text(before, timeout=SLOW)
    quiet.get_by_role("button", name="back to the defaults").click()
    expect(limit).to_have_text(before, timeout=SLOW)
