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
    menu = page.get_by_label("More settings")
    menu.click()
    with page.expect_download() as found:
        page.get_by_role("button", name="PNG").click()
    menu.click()  # not Escape: when the list of surprises comes, the button loses the focus
    page.mouse.move(2, 2)  # behind the menu it stood over the text, where a card opens
    page.wait_for_timeout(400)
    return grey(found.value.path())


def grey(file: Path | io.BytesIO) -> np.ndarray:
    return np.asarray(Image.open(file).convert("L"), dtype=np.int16)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """Less than a letter apart, a place is the same."""
    return np.asarray(Image.fromarray(pixels.astype(np.uint8)).filter(BoxBlur(3)), dtype=np.int16)


def differing(page: Page, *selectors: str) -> list[list[float]]:
    """Which share of the pixels of each element looks otherwise in the picture, by selector."""
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
    for selector in selectors:
        boxes = page.locator(selector).evaluate_all(
            """(all) => {
              const { bottom } = document.querySelector(".ae-text").getBoundingClientRect();
              const rects = all.map((e) => e.getBoundingClientRect());
              const whole = rects.filter((r) => r.bottom < bottom);
              return whole.map((r) => [r.x, r.y, r.width, r.height]);
            }"""
        )
        shares.append([share(seen, file, box, (EDGE - left, EDGE - top)) for box in boxes])
    return shares


def share(seen: np.ndarray, file: np.ndarray, box: list[float], away: tuple[float, float]) -> float:
    """Of the pixels of a box, which lies so far away in the file."""
    x, y, width, height = (2 * side for side in box)
    dx, dy = (2 * side for side in away)
    on_screen = seen[round(y) : round(y + height), round(x) : round(x + width)]
    in_file = file[round(y + dy) :, round(x + dx) :]
    in_file = in_file[: on_screen.shape[0], : on_screen.shape[1]]
    return float((abs(blurred(on_screen) - blurred(in_file)) > 40).mean())


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
    lines, facts = differing(sharp, ".ae-line", ".ae-prompt, .ae-lanefacts, .ae-gutter")
    assert max(lines) < 0.01
    assert max(facts) < 0.01


def test_text_of_many_scripts(sharp):
    stage(sharp, pack(rollouts := odd.batch(), odd.credits(rollouts), state={"marks": False}))
    (lines,) = differing(sharp, ".ae-line")
    assert max(lines) < 0.02


def test_marks_of_the_text_and_the_legend(sharp):
    rollouts = made.batch()
    names = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
    stage(sharp, pack(rollouts, made.credits(rollouts), **names))
    sharp.locator(".ae-text").focus()
    sharp.keyboard.press("ArrowRight")
    sharp.keyboard.press("Enter")
    settle(sharp)
    parts = ".ae-legend", ".ae-cell", ".ae-side .ae-number", ".ae-strip .ae-canvas"
    legend, cells, card, strips = differing(sharp, *parts)
    assert max(legend) < 0.02
    assert max(cells) < 0.01
    assert max(card) < 0.02
    assert max(strips) < 0.02  # with what is lit in them


@pytest.mark.parametrize("name", ["x", "noise of x"])
def test_lines_tell_sign_masked_and_not_a_number(sharp, name):
    """Each under every kind of letter; what helped, hurt, is masked, and is no number."""
    words = ["a help", " gypsy;", " (jump) ", "query/", "nothing", "_under_", " yes"] * 4
    kinds = torch.tensor([0.9, -0.9, 0.05, float("nan"), -0.3])
    rollouts = Rollouts.from_lists(
        tokens=[list(range(len(words)))] * len(kinds),
        rewards=[1.0] * len(kinds),
        group=[0] * len(kinds),
        mask=[[True] * len(words)] * 4 + [[k % 3 > 0 for k in range(len(words))]],
        pieces=[words] * len(kinds),
    )
    value = kinds.repeat_interleave(len(words))
    value[::9] = 0
    credit = {name: Credit(target=value, baseline=torch.zeros_like(value))}
    state = {"scope": "locked", "limit": 1.0, "segments": False}
    stage(sharp, pack(rollouts, credit, state=state))
    (shares,) = differing(sharp, ".ae-line")
    assert max(shares[:3] + shares[4:]) < 0.01
    assert shares[3] < 0.03  # the wave under what is no number is a zigzag here
