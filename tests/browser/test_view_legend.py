"""The legend in a real browser: which number has full colour, and of what it is a percentile."""

import dataclasses
import math

import pytest
from browser.stage import settle, show, stage
from playwright.sync_api import Page, expect
from view import made

from explorer.view.wire import pack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch()
CREDITS = made.credits(ROLLOUTS)
PAYLOAD = pack(ROLLOUTS, CREDITS, state={"a": "gae", "b": "grpo", "split": False})


def percentile(*names: str) -> float:
    """The smallest size that holds 99 % of those that are not zero."""
    found = [CREDITS[name].advantage[ROLLOUTS.mask] for name in names]
    sizes = sorted(x for row in found for x in row.abs().tolist() if x)
    return sizes[math.ceil(0.99 * len(sizes)) - 1]


def told(page: Page, scope: str | None = None) -> list[str]:
    """The words of the legend, under the scope that is asked for."""
    if scope:
        page.get_by_label("Scale of", exact=True).select_option(scope)
        settle(page)
    return page.locator(".ae-legend > span:not(.ae-ramp)").all_inner_texts()


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def test_the_limit_is_a_number_and_says_of_what(page):
    stage(page, PAYLOAD)
    low, high, of, *_ = told(page)
    assert [number(low), number(high)] == pytest.approx(
        [-percentile("gae"), percentile("gae")], rel=0.01
    )
    assert of == "99th percentile of |A|, each estimator"
    low, high, of, *_ = told(page, "all")
    assert [number(low), number(high)] == pytest.approx(
        [-percentile(*CREDITS), percentile(*CREDITS)], rel=0.02
    )
    assert of == "99th percentile of |A|, all estimators"
    assert told(page, "completion")[:3] == [
        "\u2212limit",
        "+limit",
        "99th percentile of |A|, each completion: differs by row",
    ]
    assert number(told(page, "locked")[1]) == pytest.approx(percentile("gae"), rel=0.01)
    assert not any("percentile" in text for text in told(page))


def test_two_estimators_have_a_limit_each(page):
    stage(page, PAYLOAD)
    page.get_by_role("button", name="A|B").click()
    settle(page)
    _, high, of, *_ = told(page)
    a, b = (number(text.split()[1]) for text in high.split(", "))
    assert [a, b] == pytest.approx([percentile("gae"), percentile("grpo")], rel=0.01)
    assert of == "99th percentile of |A|, each estimator"
    assert "," not in told(page, "all")[1]


def test_the_limit_follows_the_unit_and_the_batch(page):
    stage(page, PAYLOAD)
    before = told(page)[1]
    page.get_by_label("Credit for each", exact=True).select_option("step")
    settle(page)
    assert number(told(page)[1]) > 1.5 * number(before)
    page.get_by_label("Credit for each", exact=True).select_option("token")
    other = made.batch(seed=3)
    larger = {
        name: dataclasses.replace(credit, bonus=credit.bonus + 4 * other.mask)
        for name, credit in made.credits(other).items()
    }
    show(page, pack(other, larger))
    expect(page.locator(".ae-legend")).not_to_contain_text(before)
    assert number(told(page)[1]) > 4


@pytest.mark.parametrize("width", [900, 1440])
def test_it_is_one_line(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    stage(page, PAYLOAD)
    page.get_by_role("button", name="A|B").click()
    for scope in ("estimator", "all", "completion", "locked"):
        told(page, scope)
        assert page.locator(".ae-legend").evaluate("one => one.offsetHeight") < 32, scope


def test_a_limit_that_a_and_b_share_holds_for_their_difference(page):
    stage(page, PAYLOAD)
    page.get_by_role("button", name="A|B").click()
    strip = page.locator('.ae-strip[aria-label="A \u2212 B"]')
    own = "each in units of its own scale"
    for scope in ("estimator", "completion"):
        told(page, scope)
        expect(strip.locator(".ae-formula")).to_have_text(own)
    for scope in ("all", "locked"):
        limit = told(page, scope)[1].removeprefix("+")
        expect(strip.locator(".ae-limit")).to_have_text(f"\u00b1{limit}")
        expect(strip.locator(".ae-formula")).to_have_text("of the numbers themselves")
    page.get_by_label("Locked limit").fill("0.125")
    page.keyboard.press("Enter")
    expect(strip.locator(".ae-limit")).to_have_text("\u00b10.125")
