"""Rules that a machine can check, on every state that a reader meets."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.stage import settle, show, stage
from playwright.sync_api import expect
from view import made

from explorer.view.wire import pack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch()
NAMES = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
PAYLOAD = pack(ROLLOUTS, made.credits(ROLLOUTS), step=4, steps=[0, 4], **NAMES)


def faults(page) -> list[str]:
    found = Axe().run(page, context=".ae")
    return [
        f"{v['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for v in found.response["violations"]
        for node in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view(page, scheme):
    page.emulate_media(color_scheme=scheme)
    stage(page, PAYLOAD)
    page.wait_for_timeout(500)
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_menus_and_dialogs(page, scheme):
    page.emulate_media(color_scheme=scheme)
    pins = [{"sample": 0, "token": 20}, {"sample": 1, "token": 40}]
    rollouts = made.batch(seed=1)
    stage(page, pack(rollouts, made.credits(rollouts), state={"pins": pins}, **NAMES))
    page.wait_for_timeout(500)
    page.get_by_label("More settings").click()
    assert faults(page) == []
    page.get_by_label("More settings").click()
    page.locator(".ae-list summary").click()
    assert faults(page) == []
    page.locator(".ae-text").focus()
    page.keyboard.press("/")
    page.keyboard.type("answer")
    settle(page)
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    settle(page)
    assert faults(page) == []


def test_one_tab_stop_for_the_text(page):
    stage(page, PAYLOAD)
    stops = page.locator(
        ".ae-text [tabindex='0'], .ae-text a, .ae-text button:not([tabindex='-1'])"
    )
    assert stops.count() == 1
    first = page.locator(".ae-row").first
    assert first.get_attribute("tabindex") == "0"
    page.locator(".ae-text").focus()
    assert first.evaluate("(row) => row === document.activeElement")


def test_the_focus_goes_along_with_the_current_token(page):
    stage(page, PAYLOAD)
    page.locator(".ae-text").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    settle(page)
    current = page.locator(":focus")
    sample = page.evaluate("document.querySelectorAll('.ae-row')[1].dataset.sample")
    assert current.get_attribute("data-sample") == sample
    assert current.get_attribute("role") == "row"
    assert current.get_attribute("aria-label") == f"completion {int(sample) + 1}"
    assert page.locator(".ae-text [tabindex='0']").count() == 1
    assert faults(page) == []
    # Other lanes put the rows in another order, and another batch writes them anew.
    page.get_by_label("More settings").click()
    page.get_by_label("Lanes").select_option("prompt")
    page.locator(".ae-text").focus()
    show(page, PAYLOAD)
    assert page.locator(":focus").get_attribute("data-sample") == sample


def test_keys_reach_what_buttons_do_and_changes_are_spoken(page):
    stage(page, PAYLOAD)
    page.locator(".ae-text").focus()
    said = page.locator(".ae > [aria-live]")
    keys = [
        ("ArrowRight", "token 1 of"),
        ("Enter", "pinned token 1 of completion"),
        ("ArrowRight", "token 2 of"),
        ("Control+Enter", ", 2 pins"),
        ("3", "A gae, B grpo"),
        ("c", "A gae"),
        ("o", "only this lane"),
        ("o", "all lanes"),
        ("e", "all of completion"),
        ("e", "folded"),
        ("Escape", "unpinned"),
    ]
    for key, words in keys:
        page.keyboard.press(key)
        settle(page)
        assert words in said.inner_text()


def test_escape_closes_the_card_of_the_pointer_wherever_the_focus_is(page):
    stage(page, PAYLOAD)
    box = page.locator(".ae-line").first.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 14)
    page.locator(".ae-popup").wait_for(state="visible")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Escape")
    assert page.locator(".ae-popup").is_hidden()


def test_a_button_of_the_menu_keeps_the_focus_when_the_bar_is_drawn_anew(page):
    stage(page, PAYLOAD)
    page.get_by_label("More settings").click()
    page.get_by_role("button", name="CSV").focus()
    page.evaluate("stage.state({ granularity: 'line' })")
    settle(page)
    expect(page.get_by_role("button", name="CSV")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="CSV")).to_be_hidden()


@pytest.mark.parametrize("width", [400, 560, 900, 1024, 1300])
def test_columns_stay_wide_and_nothing_leaves_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    pins = [{"sample": 0, "token": 20}]
    stage(page, pack(ROLLOUTS, made.credits(ROLLOUTS), state={"pins": pins}, **NAMES))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cells = page.locator(".ae-row[role=row] .ae-cell")
    assert min(cells.nth(k).bounding_box()["width"] for k in (0, 1)) >= 220
    for name in page.locator(".ae-headname").all():
        assert name.evaluate("one => one.scrollWidth <= one.clientWidth")
    pinned = page.locator(".ae-pinned").bounding_box()
    assert pinned["width"] >= 300
    assert pinned["y"] + 100 < 800

    def inside(panel: str) -> None:
        box = page.locator(panel).bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width

    page.wait_for_timeout(400)
    page.locator(".ae-list summary").click()
    inside(".ae-list .ae-panel")
    page.locator(".ae-text").focus()
    inside(".ae-text")
    page.keyboard.press("?")
    inside(".ae-dialog")
    assert page.locator(".ae-dialog").evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize(("steps", "ours"), [(3, False), (220, True)])
def test_find_in_page_is_ours_where_some_rows_hold_no_text(page, steps, ours):
    rollouts = made.batch(prompts=8, samples=8, steps=steps)
    assert (len(rollouts.tokens) > 1 << 17) is ours
    stage(page, pack(rollouts, made.credits(rollouts, 2), **NAMES))
    if ours:
        page.wait_for_timeout(600)  # so long that the rows of a smaller batch would be written
    else:
        expect(page.locator(".ae-row:empty")).to_have_count(0)
    page.locator(".ae-text").focus()
    page.keyboard.press("Control+f")
    assert page.locator(".ae-findbar").is_visible() is ours


def test_labels_of_brackets_are_large_enough_to_read(page):
    stage(page, pack(ROLLOUTS, made.credits(ROLLOUTS), state={"granularity": "step"}, **NAMES))
    boxes = page.locator(".ae-labels text").evaluate_all(
        """(all) => all.map((one) => [
          parseFloat(getComputedStyle(one).fontSize),
          one.getBBox().width,
          one.textContent.length])"""
    )
    assert boxes
    for size, wide, letters in boxes:
        assert size >= 10
        assert wide <= 6.1 * letters  # what marks.js holds free for it


def test_the_tree_a_screen_reader_walks(page):
    stage(page, PAYLOAD)
    page.wait_for_timeout(500)
    grid = page.get_by_role("grid", name="Completions, coloured by advantage")
    assert grid.get_by_role("columnheader").count() == 3
    row = grid.get_by_role("row").filter(has_text="#").first
    assert row.get_by_role("gridcell").count() == 2
    assert "<reasoning>" in row.get_by_role("gridcell").first.inner_text()
    for strip in page.get_by_role("img").all():
        assert strip.get_attribute("aria-label")
