"""Masked, zero and not a number are three things in brackets, legend and cards."""

import pytest
import torch
from browser.stage import settle, show, stage
from playwright.sync_api import Page, expect
from view import made

from explorer.types import Credit
from explorer.view.wire import pack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch(prompts=1, samples=3)
NAMES = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
FIRST = ROLLOUTS.block == 0
NONE = FIRST & (ROLLOUTS.sample == 0)  # not a number
MASKED = ~FIRST & (ROLLOUTS.sample == 0)
ZERO = torch.zeros(len(ROLLOUTS.tokens))
BROKEN = Credit(target=torch.where(NONE, torch.nan, ZERO), baseline=ZERO)
PAYLOAD = pack(
    ROLLOUTS,
    {"x": BROKEN, "y": Credit(target=1 + ZERO, baseline=ZERO)},
    masks={"x": ROLLOUTS.mask & ~MASKED},
    state={"granularity": "block", "a": "x", "split": False},
    **NAMES,
)


def brackets(page: Page) -> list[str]:
    return [
        text.split(" \u00b7 ")[1] for text in page.locator(".ae-labels text").all_text_contents()
    ]


def test_a_bracket_says_why_its_unit_has_no_number(page):
    stage(page, PAYLOAD)
    assert sorted(brackets(page)) == ["0"] * 4 + ["masked", "not a number"]


def test_the_legend_shows_what_is_not_a_number_where_there_is_such(page):
    stage(page, PAYLOAD)
    legend = page.locator(".ae-legend")
    expect(legend).to_contain_text("not a number")
    swatch = page.locator(".ae-fault-swatch")
    assert (
        swatch.bounding_box()["width"] == page.locator(".ae-masked-swatch").bounding_box()["width"]
    )
    show(page, pack(ROLLOUTS, {"y": Credit(target=1 + ZERO, baseline=ZERO)}, **NAMES))
    settle(page)
    expect(legend).to_contain_text("masked")
    expect(legend).not_to_contain_text("not a number")
    expect(swatch).to_have_count(0)


def test_what_was_not_measured_is_told_from_what_is_not_a_number(page):
    some = NONE & (torch.arange(len(NONE)) < 4)
    payload = pack(ROLLOUTS, {"x": BROKEN}, masks={"x": ROLLOUTS.mask}, unmeasured={"x": some})
    stage(page, payload)
    faults = page.locator(".ae-strip .ae-fault")
    expect(faults).to_have_text(
        [f"{int((NONE & ROLLOUTS.mask).sum()) - 4} not a number \u00b7 ", "4 not measured \u00b7 "]
    )
    expect(page.locator(".ae-legend .ae-fault")).to_have_text("not a number or not measured")


def test_a_formula_leaves_room_for_the_share_that_is_masked(page):
    credit = Credit(target=1 + ZERO, baseline=ZERO, scale=1 + torch.rand(len(ZERO)))
    stage(page, pack(ROLLOUTS, {"x": credit}, masks={"x": ROLLOUTS.mask & ~MASKED}))
    masked = page.locator(".ae-formula > :last-child")
    expect(masked).to_contain_text("% masked")
    ends = masked.evaluate(
        "(one) => [one, one.parentElement].map((e) => e.getBoundingClientRect().right)"
    )
    assert ends[0] <= ends[1]


def test_noise_has_no_colour_of_a_sign_in_a_card(page):
    noise = Credit(target=1 + ZERO, baseline=ZERO)
    stage(page, pack(ROLLOUTS, {"noise of x": noise}))
    expect(page.locator(".ae-head")).to_contain_text(["full colour at 1"])
    line = page.locator(".ae-line").first.bounding_box()
    assert line
    page.mouse.move(line["x"] + 20, line["y"] + 12)
    bar = page.locator(".ae-popup .ae-bar i")
    expect(bar).to_be_visible()
    assert bar.evaluate("(bar) => getComputedStyle(bar).backgroundColor") == "rgb(120, 40, 140)"


def test_the_card_says_why_a_token_and_its_unit_have_no_number(page):
    stage(page, PAYLOAD)
    line = page.locator('.ae-row[data-sample="0"] .ae-line').bounding_box()
    assert line
    card = page.locator(".ae-popup")
    for x, y, why in ((20, 20, "not a number"), (600, line["height"] - 16, "masked")):
        page.mouse.move(2, 2)
        expect(card).to_be_hidden()
        page.mouse.move(line["x"] + x, line["y"] + y)
        expect(card.locator(".ae-lack")).to_have_text([why])
        expect(card.locator(".ae-facts")).to_contain_text(f"sum over its block, x{why}")
        expect(card.locator(".ae-sentence")).to_have_text(
            f"x: {why}, so there is nothing to compare."
        )
