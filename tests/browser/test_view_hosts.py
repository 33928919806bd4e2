"""One view, three hosts: a file that opens with the network off, Streamlit and JupyterLab."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect
from view import made

from explorer.view.export import html

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = Path(__file__).parent
SLOW = 90_000  # milliseconds; servers import torch on a machine that others use too


@contextlib.contextmanager
def server(command: list[str], port: int, path: str, folder: Path) -> Iterator[str]:
    """The address of a server once `path` of it answers."""
    log = folder / "server.txt"
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {"OMP_NUM_THREADS": "1"} | {name: str(folder / name) for name in places}
    env["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), str(HERE.parents[1])])
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=env, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        for _ in range(400):
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").close()
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pin_first_token(page: Page) -> None:
    line = page.locator(".ae-line").first
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 14)
    page.locator(".ae-popup").wait_for(state="visible")
    page.mouse.click(box["x"] + 30, box["y"] + 14)
    page.locator(".ae-side").wait_for(state="visible")


def keys_are_the_views(page: Page) -> None:
    """`c` is a shortcut of both hosts: clear the cache, copy the cell."""
    page.locator(".ae-text").focus()
    page.keyboard.press("c")
    expect(page.locator(".ae-headname:visible")).to_have_count(1)
    assert page.get_by_role("dialog").count() == 0
    page.keyboard.press("c")
    expect(page.locator(".ae-headname:visible")).to_have_count(2)


def coloured(page: Page) -> bool:
    return page.evaluate("[...CSS.highlights.values()].reduce((n, set) => n + set.size, 0)") > 20


def test_a_file_that_needs_no_network(page, tmp_path):
    rollouts = made.batch()
    path = html(
        rollouts, made.credits(rollouts), tmp_path / "view.html", title="1 < 2", blocks=made.BLOCKS
    )
    assert path.stat().st_size < 500_000
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.locator(".ae-cell").first.wait_for()
    page.wait_for_timeout(300)
    assert page.title() == "1 < 2"
    assert coloured(page)
    pin_first_token(page)
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []


def test_streamlit(page, tmp_path):
    port = free_port()
    options = ["--server.headless=true", "--browser.gatherUsageStats=false"]
    command = ["streamlit", "run", str(HERE / "streamlit_page.py"), f"--server.port={port}"]
    with server([*command, *options], port, "/_stcore/health", tmp_path) as address:
        page.emulate_media(color_scheme="dark")
        page.goto(address)
        page.locator(".ae-cell").first.wait_for(timeout=SLOW)
        page.wait_for_timeout(500)
        assert coloured(page)
        dark = page.locator(".ae").evaluate("(v) => getComputedStyle(v).colorScheme")
        assert dark == "dark"
        keys_are_the_views(page)
        pin_first_token(page)
        expect(page.get_by_text("Python saw: bae, 1 pins")).to_be_visible(timeout=SLOW)
        # A new batch comes into the same view: the reader keeps what was chosen.
        page.get_by_label("Estimator A").select_option("gae")
        expect(page.get_by_text("Python saw: gae, 1 pins")).to_be_visible(timeout=SLOW)
        before = page.locator(".ae-prompt code").first.inner_text()
        page.get_by_role("button", name="next batch").click()
        expect(page.locator(".ae-prompt code").first).not_to_have_text(before, timeout=SLOW)
        assert page.locator(".ae-headname").first.inner_text() == "gae"
        assert page.locator(".ae").count() == 1


CELLS = [
    """from view import made
from explorer.view.widget import TokenView
rollouts = made.batch(prompts=2, samples=4)
view = TokenView(rollouts, made.credits(rollouts))
view""",
    """import ipywidgets
said = ipywidgets.Label("nothing yet")
view.observe(lambda c: setattr(said, "value", f"saw {len(c['new']['pins'])} pin"), "state")
other = made.batch(prompts=2, samples=4, seed=5)
button = ipywidgets.Button(description="another")
button.on_click(lambda _: view.show(other, made.credits(other)))
ipywidgets.HBox([said, button])""",
]


def test_jupyterlab(page, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    (tmp_path / "view.ipynb").write_text(nbformat.writes(notebook))
    port = free_port()
    flags = ["--no-browser", "--allow-root", "--IdentityProvider.token=", f"--port={port}"]
    command = ["jupyterlab", f"--ServerApp.root_dir={tmp_path}", "--ServerApp.port_retries=0"]
    with server([*command, *flags], port, "/api/status", tmp_path) as address:
        page.goto(f"{address}/lab/tree/view.ipynb")
        page.get_by_text("| Idle").wait_for(timeout=SLOW)
        page.wait_for_timeout(1500)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.locator(".ae-cell").first.wait_for(timeout=SLOW)
        page.get_by_text("nothing yet", exact=True).wait_for(timeout=SLOW)
        assert coloured(page)
        keys_are_the_views(page)
        pin_first_token(page)
        expect(page.get_by_text("saw 1 pin", exact=True)).to_be_visible(timeout=SLOW)
        before = page.locator(".ae-prompt code").first.inner_text()
        page.get_by_role("button", name="another").click()
        expect(page.locator(".ae-prompt code").first).not_to_have_text(before, timeout=SLOW)
