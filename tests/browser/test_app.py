"""The app in a real browser: coloured tokens, settings that change them, a training that moves."""

import contextlib
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import made
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.served import served
from playwright.sync_api import Page, expect

from explorer.runs import open_run

pytestmark = pytest.mark.browser

SLOW = 120_000  # milliseconds; a trainer imports its libraries on a machine that others use too
COLOURS = """() => [...CSS.highlights].map(([name, ranges]) =>
    [name.replace(/^[^-]*-/, ""), [...ranges].map((r) => [r.startOffset, r.endOffset])])"""

COUNTED = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = { purple: 0, blue: 0, vermillion: 0 };
    for (let k = 0; k < data.length; k += 4) {
        const [r, g, b, a] = data.subarray(k, k + 4);
        if (a < 40) continue;
        if (r > g + 20 && b > g + 20) seen.purple++;
        else if (b > r + 40) seen.blue++;
        else if (r > b + 40) seen.vermillion++;
    }
    return seen;
}"""
CUT = """() => [...document.querySelectorAll(".katex-display, .map, .stCheckbox *, .stPopover *")]
    .filter((box) => getComputedStyle(box).overflowX !== "visible" && box.clientWidth > 2
        && box.scrollWidth > box.clientWidth).map((box) => box.textContent.slice(0, 60))"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    made.run(folder / "small")
    return folder


@pytest.fixture(scope="module")
def app(runs) -> Iterator[str]:
    with served(runs) as address:
        yield address


def coloured(page: Page, address: str) -> list:
    """Open a page and wait for its tokens: the highlights and what they cover."""
    page.goto(address)
    expect(page.locator(".ae-cell").first).to_be_visible(timeout=SLOW)
    page.wait_for_function(f"({COLOURS})().some(([, ranges]) => ranges.length)")
    return page.evaluate(COLOURS)


def test_a_server_that_has_just_started_says_what_it_does(page, runs):
    with served(runs) as address:
        page.goto(address)
        expect(page.get_by_text("Starting: the first page of a server loads")).to_be_visible(
            timeout=SLOW
        )
        expect(page.get_by_role("link", name="Compare", exact=True)).to_be_visible()
        expect(page.locator(".ae-cell").first).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("Starting: the first page")).to_have_count(0)


def test_a_setting_changes_the_colours_and_the_address(page, app):
    before = coloured(page, f"{app}?estimators=bae&group=0&step=60")  # of the recorded run
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("radiogroup", name="baseline").get_by_text("none").click()
    page.wait_for_function(
        f"(before) => JSON.stringify(({COLOURS})()) !== before", arg=_text(before)
    )
    expect(page).to_have_url(re.compile(r"bae\.baseline=none"))
    changed = page.evaluate(COLOURS)
    assert [c for c in coloured(page, page.url) if c[1]] == [c for c in changed if c[1]]


def test_a_click_in_a_curve_shows_that_step(page, app):
    coloured(page, f"{app}?run=small")
    plot = page.locator(".panel[data-title=Accuracy] .plot")
    box = plot.bounding_box()
    plot.hover(position={"x": 44, "y": box["height"] / 2})
    expect(plot).to_have_attribute("aria-label", re.compile("at step 1"))
    plot.click(position={"x": 44, "y": box["height"] / 2})
    expect(page).to_have_url(re.compile("step=1"))


def test_a_step_stays_on_the_way_to_another_page(page, app):
    coloured(page, f"{app}?step=60")  # of the recorded run
    for name in ("Compare", "Estimators"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(f"{name.lower()}.*step=60"), timeout=SLOW)


def test_the_page_of_an_estimator_has_its_formula_and_its_file(page, app):
    coloured(page, f"{app}estimators?run=small&estimator=grpo")
    expect(page.locator(".katex-display")).to_have_count(2)
    expect(page.locator(".katex-error")).to_have_count(0)
    expect(page.get_by_role("link", name="arXiv:2402.03300")).to_be_visible()
    expect(page.get_by_text("explorer/estimators/grpo.py")).to_be_visible()


def test_a_link_to_compare_shows_what_was_seen(page, app):
    page.goto(f"{app}compare?step=120")  # of the recorded run
    told = page.get_by_text("Taking the gradients of this step")
    expect(told).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Learning curves")).to_be_visible()  # they wait for no gradients
    expect(told).to_have_count(0, timeout=SLOW)
    expect(page.locator(".gtitle")).to_have_count(4, timeout=SLOW)
    wanted = {
        "Measure": ("Error after the best scale", "Error after the best scale"),
        "Estimator": ("rloo", "rloo against the truth"),
    }
    for label, (option, title) in wanted.items():
        choose(page, label, option)
        expect(page.locator(".gtitle", has_text=title)).to_have_count(1)
    page.get_by_text("Best scale", exact=True).click()
    expect(page).to_have_url(re.compile("scaled=false"))
    choose(page, "Tokens", "confidence")
    expect(page).to_have_url(re.compile("scope=confidence"))  # the script has begun
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=SLOW)
    expect(page.locator(".gtitle")).to_have_count(4)  # what is replaced has faded
    seen = page.locator(".gtitle").all_text_contents()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".gtitle")).to_have_text(seen, timeout=SLOW)
    expect(other.get_by_role("combobox", name="Tokens")).to_have_value("confidence")
    expect(other.get_by_role("switch", name="Best scale")).not_to_be_checked()


def test_noise_is_not_drawn_in_the_colours_of_the_sign(page, app):
    drawn = coloured(page, f"{app}?step=120&estimators=grpo&noise=true")  # of the recorded run
    assert {name[0] for name, ranges in drawn if ranges and name[:2] != "ma"} >= {"p", "n"}
    legend = page.locator(".ae-legend")
    expect(legend).not_to_contain_text("B")  # it is of grpo; noise has its ramp at the strip
    # An advantage less a noise is neither.
    expect(page.get_by_role("region", name="A \N{MINUS SIGN} B")).to_have_count(0)
    strip = page.get_by_role("region", name="noise of grpo")
    expect(strip).to_contain_text("noise added, average token = 1")
    expect(strip.get_by_role("img", name="purple adds noise")).to_be_visible()
    found = strip.locator("canvas").first.evaluate(COUNTED)
    assert found["purple"] > 100
    assert found["blue"] == found["vermillion"] == 0
    strip.get_by_role("button", name="A", exact=True).click()
    expect(legend).to_contain_text("adds noise")
    expect(legend.get_by_role("img", name="purple adds noise")).to_be_visible()


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a box; what is typed narrows the list, of which only a part is there."""
    page.get_by_role("combobox", name=label, exact=True).fill(option)
    page.get_by_role("option", name=option, exact=True).click()


@pytest.mark.parametrize(
    "path", ["?run=small", "estimators?run=small", "estimators?run=small&estimator=ktae"]
)
def test_a_narrow_page_cuts_nothing_off(page, app, path):
    page.set_viewport_size({"width": 900, "height": 900})
    coloured(page, f"{app}{path}")
    page.wait_for_timeout(1000)  # Streamlit fades in what is new
    assert page.evaluate(CUT) == []
    found = Axe().run(page, options={"runOnly": ["scrollable-region-focusable"]})
    assert found.response["violations"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "estimators", "compare"])
def test_the_rules_of_access_hold(page, app, path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{app}{path}?run=small")
    drawn = ".js-plotly-plot" if path == "compare" else ".ae-cell"
    expect(page.locator(drawn).first).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(1000)  # Streamlit fades in what is new
    found = Axe().run(page).response["violations"]
    assert [(v["id"], node["html"][:120]) for v in found for node in v["nodes"]] == []


def test_training_starts_with_one_press_and_is_steered(page, app, runs):
    page.goto(f"{app}?run=small")
    page.get_by_role("button", name="Start training").click(timeout=SLOW)
    try:
        progress = page.get_by_test_id("stProgress")
        expect(progress).to_contain_text(re.compile(r"step [1-9]\d* of 100"), timeout=SLOW)
        first = _step(progress.inner_text())
        expect(progress).not_to_contain_text(f"step {first} ", timeout=SLOW)
        assert _step(progress.inner_text()) > first
        expect(page.locator(".ae-cell").first).to_be_visible(timeout=SLOW)
        press(page, "Pause", then="paused")
        here = _step(progress.inner_text())
        page.get_by_role("button", name="Step", exact=True).click()
        expect(progress).to_contain_text(f"step {here + 1} of", timeout=SLOW)
        press(page, "Resume", then="running")
        press(page, "Stop", then="stopped")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(open_run(runs / "bae-1").status()["pid"], signal.SIGKILL)


def press(page: Page, button: str, then: str) -> None:
    """Press a button and wait for the state it leads to."""
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text(then, exact=True)).to_be_visible(timeout=SLOW)


def _step(text: str) -> int:
    return int(re.findall(r"step (\d+) of", text)[0])


def _text(value: list) -> str:
    return json.dumps(value, separators=(",", ":"))
