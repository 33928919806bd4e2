"""The card of the token under the pointer hides neither that token's line nor what is pinned."""

import pytest
from browser.stage import stage
from playwright.sync_api import Page, expect
from view import made

from explorer.view.wire import pack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch()
CREDITS = made.credits(ROLLOUTS)
NAMES = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
PINS = [{"sample": 0, "token": 20}, {"sample": 4, "token": 50}]

# Lines of text in sight, each with a point of its first and of its last token.
LINES = """(column) => {
  const pane = document.querySelector(".ae-text").getBoundingClientRect();
  return [...document.querySelectorAll(".ae-row")].flatMap((row) => {
    const line = row.querySelectorAll(".ae-line")[column];
    if (!line) return [];
    const { left, right, bottom } = line.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(line);
    return [...range.getClientRects()]
      .filter((r) => r.width > 40 && r.top > pane.top + 45)
      .filter((r) => r.bottom < Math.min(pane.bottom, bottom, innerHeight))
      .flatMap(({ left: first, right: last, top, bottom }) =>
        [first + 4, last - 4].map((x) => ({ x, y: top + 8, left, right, top, bottom })));
  });
}"""
# What the open card lies over.
HIDDEN = """(line) => {
  const card = document.querySelector(".ae-popup").getBoundingClientRect();
  const side = document.querySelector(".ae-side").getBoundingClientRect();
  const token = { left: line.x - 4, right: line.x + 4, top: line.top, bottom: line.bottom };
  const across = (r) => r.left < card.right && card.left < r.right;
  const over = (r) => across(r) && r.top < card.bottom && card.top < r.bottom;
  const wide = card.left < 0 || card.right > innerWidth;
  const high = card.top < 0 || card.bottom > innerHeight;
  const hides = { "pinned cards": over(side), line: over(line), token: over(token) };
  if (wide || high) hides.edge = true;
  return Object.keys(hides).filter((name) => hides[name]);
}"""


def hidden(page: Page, line: dict[str, float]) -> list[str]:
    """What the card of a token lies over."""
    page.mouse.move(2, 2)
    page.locator(".ae-popup").wait_for(state="hidden")
    page.mouse.move(line["x"], line["y"])
    page.locator(".ae-popup").wait_for(state="visible")
    return page.evaluate(HIDDEN, line)


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("pins", [1, 2])
@pytest.mark.parametrize("width", [1280, 1440, 1600, 1920])
def test_it_hides_neither_the_line_nor_the_pinned_cards(page, width, pins, split):
    page.set_viewport_size({"width": width, "height": 900})
    state = {"a": "bae", "b": "grpo", "split": split, "pins": PINS[:pins]}
    stage(page, pack(ROLLOUTS, CREDITS, state=state, **NAMES))
    for column in (0, 1)[: 1 + split]:
        lines = page.evaluate(LINES, column)
        many = len(lines)
        assert many >= 8
        for k in sorted({0, 1, many // 4, many // 2, many // 2 + 1, 3 * many // 4, many - 1}):
            assert hidden(page, lines[k]) == [], f"column {column}, {k} of {many}"


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("pins", [0, 1])
def test_one_that_is_too_high_for_that_hides_neither_the_token_nor_the_pinned_card(
    page, pins, split
):
    page.set_viewport_size({"width": 1600, "height": 900})
    many = {f"{name} {k}": credit for k in (1, 2, 3) for name, credit in CREDITS.items()}
    state = {"a": "bae 1", "b": "grpo 1", "split": split, "pins": PINS[:pins]}
    stage(page, pack(ROLLOUTS, dict(list(many.items())[:27]), state=state, **NAMES))
    for column in (0, 1)[: 1 + split]:
        lines = page.evaluate(LINES, column)
        for k in sorted({0, 1, len(lines) // 2, len(lines) - 1}):
            assert set(hidden(page, lines[k])) <= {"line"}, f"column {column}, {k} of {len(lines)}"


def test_over_a_strip_it_says_first_whom_that_estimator_compares_with(page):
    state = {"a": "gae", "b": "reinforce", "split": True}
    stage(page, pack(ROLLOUTS, CREDITS, state=state, **NAMES))
    box = page.locator(".ae-strip[aria-label=grpo] canvas").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    said = page.locator(".ae-popup .ae-sentence")
    expect(said).to_have_count(3)
    expect(page.locator(".ae-popup .ae-number-shown")).to_have_count(3)
    assert said.first.inner_text().startswith("grpo: compared with 7 completions")
    line = page.locator(".ae-line").nth(1).bounding_box()
    assert line
    page.mouse.move(line["x"] + 20, line["y"] + 14)
    expect(said).to_have_count(2)
    assert said.first.inner_text().startswith("reinforce ")


def test_the_cards_of_two_pins_say_which_number_is_taken_from_which(page):
    stage(page, pack(ROLLOUTS, CREDITS, state={"pins": PINS}, **NAMES))
    heads = page.locator(".ae-difference thead th").all_inner_texts()
    told = ["estimator", "pin 1\n#1, token 21", "pin 2\n#5, token 51", "difference\n2 \u2212 1"]
    assert heads == told
    cells = page.locator(".ae-difference tbody tr").first.locator("td").all_inner_texts()
    first, second, difference = (float(text.replace("\u2212", "-")) for text in cells)
    assert difference == pytest.approx(second - first, rel=0.01)
