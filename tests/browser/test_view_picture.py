"""The PNG is what the screen shows: the same letters over the same colours."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from browser.stage import settle, stage
from PIL import Image
from PIL.ImageFilter import BoxBlur
from playwright.sync_api import Browser, Page
from view import made, odd

from explorer.types import Credit, Rollouts
from explorer.view.wire import pack

pytestmark = pytest.mark.browser

EDGE = 16  # pixels around the picture, as in picture.js


@pytest.fixture
def sharp(chromium: Browser) -> Iterator[Page]:
    """A page with two pixels for each of CSS, as the picture has."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=2)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def picture(page: Page) -> np.ndarray:
    page.get_by_label("More settings").click()
    with page.expect_download() as found:
        page.get_by_role("button", name="PNG").click()
    page.keyboard.press("Escape")
    page.mouse.move(2, 2)  # behind the menu it stood over the text, where a card opens
    page.wait_for_timeout(400)
    return grey(found.value.path())


def grey(file: Path | io.BytesIO) -> np.ndarray:
    return np.asarray(Image.open(file).convert("L"), dtype=np.int16)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """Less than a letter apart, a place is the same."""
    return np.asarray(Image.fromarray(pixels.astype(np.uint8)).filter(BoxBlur(3)), dtype=np.int16)


def differing(page: Page, selector: str) -> list[float]:
    """Which share of the pixels of each element looks otherwise in the picture."""
    file = picture(page)
    settle(page)
    seen = grey(io.BytesIO(page.screenshot()))
    left, top = page.evaluate(
        """() => {
          const { left } = document.querySelector(".ae").getBoundingClientRect();
          return [left, document.querySelector(".ae-legend").getBoundingClientRect().top];
        }"""
    )
    shares = []
    boxes = page.locator(selector).evaluate_all(
        """(all) => {
          const { bottom } = document.querySelector(".ae-text").getBoundingClientRect();
          const rects = all.map((e) => e.getBoundingClientRect());
          return rects.filter((r) => r.bottom < bottom).map((r) => [r.x, r.y, r.width, r.height]);
        }"""
    )
    for box in boxes:
        x, y, width, height = (2 * side for side in box)
        dx, dy = 2 * (EDGE - left), 2 * (EDGE - top)
        on_screen = seen[round(y) : round(y + height), round(x) : round(x + width)]
        in_file = file[round(y + dy) :, round(x + dx) :]
        in_file = in_file[: on_screen.shape[0], : on_screen.shape[1]]
        shares.append(float((abs(blurred(on_screen) - blurred(in_file)) > 40).mean()))
    return shares


def batch(rows: list[list[str]], prompt: str) -> bytes:
    many = len(rows)
    rollouts = Rollouts.from_lists(
        tokens=[list(range(len(row))) for row in rows],
        rewards=[1.0] * many,
        group=[0] * many,
        finished=[False] * many,
        mask=[[k % 5 != 4 for k in range(len(row))] for row in rows],
        pieces=rows,
        prompts=[prompt],
    )
    value = torch.sin(torch.arange(len(rollouts.tokens)) / 2.0) * rollouts.mask
    # A browser leaves the place of a tab without its colour: there, only letters are compared.
    value[rollouts.sample == 1] = 0
    zero = torch.zeros_like(value)
    return pack(rollouts, {"x": Credit(target=value, baseline=zero)}, state={"marks": False})


BROKEN = [
    ["unbroken" * 12, "and", "so" * 70, "!", "end"] * 2,
    ["first\n\tsecond\n\n\tthird ", "and\tthen", "\t\t", "last"] * 2,
    ["a word ", "so many " * 30, "end"],
    ["一二三四五六七八九十" * 12, "👩\u200d🚀" * 50, "👍🏽" * 50, "."],
]


def test_each_letter_stands_where_the_screen_has_it(sharp):
    stage(sharp, batch(BROKEN, "a prompt that is long " * 30))
    assert max(differing(sharp, ".ae-line")) < 0.01
    assert max(differing(sharp, ".ae-prompt, .ae-lanefacts, .ae-gutter")) < 0.01


def test_text_of_many_scripts(sharp):
    stage(sharp, pack(rollouts := odd.batch(), odd.credits(rollouts), state={"marks": False}))
    assert max(differing(sharp, ".ae-line")) < 0.02


def test_marks_of_the_text_and_the_legend(sharp):
    rollouts = made.batch()
    names = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
    stage(sharp, pack(rollouts, made.credits(rollouts), **names))
    sharp.locator(".ae-text").focus()
    sharp.keyboard.press("ArrowRight")
    sharp.keyboard.press("Enter")
    settle(sharp)
    assert max(differing(sharp, ".ae-legend")) < 0.02
    assert max(differing(sharp, ".ae-cell")) < 0.015
