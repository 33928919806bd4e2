"""From surprise to surprise: the token is in sight, and what is wrong with it is said."""

import re

import pytest
from browser.stage import settle, stage
from playwright.sync_api import expect
from view import made

from explorer.view.wire import pack

pytestmark = pytest.mark.browser

NAMES = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
# What the mark of the token in hand covers, and what of the text can be seen.
IN_SIGHT = """() => [...document.querySelectorAll(".ae-mark-hover")].filter((mark) => {
  if (!mark.getAttribute("d")) return false;
  const [token, line, text, head] = [mark, mark.closest(".ae-cell").querySelector(".ae-line"),
    document.querySelector(".ae-text"), document.querySelector(".ae-headgroup")]
    .map((one) => one.getBoundingClientRect());
  return token.top >= head.bottom && token.bottom <= Math.min(line.bottom + 4, text.bottom);
}).length"""


def jump(page, key: str = "n") -> str:
    page.keyboard.press(key)
    settle(page)
    page.wait_for_timeout(300)
    return page.locator(".ae-working:visible").inner_text()


def begin(page, payload: bytes) -> None:
    stage(page, payload)
    expect(page.get_by_role("button", name="next surprise")).to_be_visible()
    page.locator(".ae-text").focus()


def test_the_token_is_in_sight_in_long_completions_too(page):
    rollouts = made.batch(prompts=8, samples=8, steps=84)
    begin(page, pack(rollouts, made.credits(rollouts), **NAMES))
    for k in range(1, 13):
        assert jump(page).startswith(f"surprise {k} of ")
        assert page.evaluate(IN_SIGHT) == 2, k  # in both columns
        assert page.get_by_role("status").inner_text().startswith(f"surprise {k} of ")
    assert jump(page, "p").startswith("surprise 11 of ")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ae-working:visible")).to_have_count(0)


def test_surprises_keep_to_the_lane(page):
    rollouts = made.batch()
    begin(page, pack(rollouts, made.credits(rollouts), **NAMES))
    lane = page.locator(".ae-lane").nth(3)
    kept = {int(row.get_attribute("data-sample") or -1) for row in lane.locator(".ae-row").all()}
    lane.get_by_role("button", name="only").click()
    page.wait_for_timeout(600)
    page.locator(".ae-text").focus()
    many = int(re.findall(r"of (\d+)", jump(page))[0])
    places = [jump(page) for _ in range(min(many, 30))]
    assert {int(re.findall(r"completion (\d+)", words)[0]) - 1 for words in places} <= kept
