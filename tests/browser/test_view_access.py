"""Rules that a machine can check, on every state that a reader meets."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.stage import settle, stage
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
    assert stops.count() == 0
    assert page.locator(".ae-text").get_attribute("tabindex") == "0"


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
