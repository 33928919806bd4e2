"""One view in a file that opens with the network off, and in Streamlit."""

import pytest
from browser.hosts import (
    HERE,
    SLOW,
    coloured,
    free_port,
    keys_are_the_views,
    pin_first_token,
    server,
)
from playwright.sync_api import expect
from view import made

from explorer.view.export import html

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_file_that_needs_no_network(page, tmp_path):
    rollouts = made.batch()
    path = html(
        rollouts, made.credits(rollouts), tmp_path / "view.html", title="1 < 2", blocks=made.BLOCKS
    )
    assert path.stat().st_size < 500_000
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.locator(".ae-cell").first.wait_for()
    page.wait_for_timeout(300)
    assert page.title() == "1 < 2"
    assert coloured(page)
    pin_first_token(page)
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []


def test_streamlit(page, tmp_path):
    port = free_port()
    options = ["--server.headless=true", "--browser.gatherUsageStats=false"]
    command = ["streamlit", "run", str(HERE / "streamlit_page.py"), f"--server.port={port}"]
    with server([*command, *options], port, "/_stcore/health", tmp_path) as address:
        page.emulate_media(color_scheme="dark")
        page.goto(address)
        page.locator(".ae-cell").first.wait_for(timeout=SLOW)
        page.wait_for_timeout(500)
        assert coloured(page)
        dark = page.locator(".ae").evaluate("(v) => getComputedStyle(v).colorScheme")
        assert dark == "dark"
        keys_are_the_views(page)
        pin_first_token(page)
        expect(page.get_by_text("Python saw: bae, 1 pins")).to_be_visible(timeout=SLOW)
        # A new batch comes into the same view: the reader keeps what was chosen.
        page.get_by_label("Estimator A").select_option("gae")
        expect(page.get_by_text("Python saw: gae, 1 pins")).to_be_visible(timeout=SLOW)
        before = page.locator(".ae-prompt code").first.inner_text()
        page.get_by_role("button", name="next batch").click()
        expect(page.locator(".ae-prompt code").first).not_to_have_text(before, timeout=SLOW)
        assert page.locator(".ae-headname").first.inner_text() == "gae"
        assert page.locator(".ae").count() == 1
