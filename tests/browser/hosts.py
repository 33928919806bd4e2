"""Servers that hold the view, and what a reader does to it in any of them."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect

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
