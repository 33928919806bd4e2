"""Take the README's picture: the live page on a run, light, as docs/live.png.

python tests/browser/readme_picture.py [RUN FOLDER]
"""

import sys
from pathlib import Path

from browser.conftest import ARGUMENTS
from browser.served import served
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SIZE = {"width": 1440, "height": 1300}
MOST = 400_000  # bytes


def picture(folder: Path, to: Path) -> None:
    """Photograph the live page on one run."""
    with served(folder.parent) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()
        page.goto(f"{address}?run={folder.name}")
        page.locator(".ae-cell").first.wait_for(timeout=120_000)
        page.locator(".panel .plot").first.wait_for()
        page.get_by_role("button", name="Start training").wait_for()
        page.wait_for_timeout(1500)  # fonts and the last animation of a widget
        page.screenshot(path=to)
        browser.close()
    if (size := to.stat().st_size) > MOST:
        raise ValueError(f"{to} has {size} bytes, more than {MOST}")


if __name__ == "__main__":
    shipped = ROOT / "explorer" / "assets" / "recorded"
    (ROOT / "docs").mkdir(exist_ok=True)
    picture(Path(sys.argv[1]) if len(sys.argv) > 1 else shipped, ROOT / "docs" / "live.png")
