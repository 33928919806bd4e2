"""A page's address holds what its reader chose: another browser that opens it sees the same."""

import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from browser.hosts import HERE, SLOW, free_port, pin_first_token, server
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_address_is_shared(page, chromium, tmp_path):
    port = free_port()
    options = ["--server.headless=true", "--browser.gatherUsageStats=false"]
    command = ["streamlit", "run", str(HERE / "streamlit_page.py"), f"--server.port={port}"]
    with server([*command, *options], port, "/_stcore/health", tmp_path) as address:
        page.goto(address)
        page.locator(".ae-cell").first.wait_for(timeout=SLOW)
        pin_first_token(page)
        page.get_by_label("Estimator A").select_option("gae")
        page.get_by_label("Credit for each").select_option("step")
        expect(page.get_by_text("Python saw: gae, 1 pins")).to_be_visible(timeout=SLOW)
        page.wait_for_url("**granularity**", timeout=SLOW)
        shared = page.url
        (state,) = parse_qs(urlsplit(shared).query)["view"]
        assert json.loads(state)["granularity"] == "step"
        pinned = page.get_by_label("Pinned tokens").inner_text()

        other = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
        other.goto(shared)
        other.locator(".ae-cell").first.wait_for(timeout=SLOW)
        expect(other.get_by_label("Pinned tokens")).to_have_text(pinned, use_inner_text=True)
        assert other.get_by_label("Estimator A").input_value() == "gae"
        assert other.get_by_label("Credit for each").input_value() == "step"
        expect(other.get_by_text("Python saw: gae, 1 pins")).to_be_visible(timeout=SLOW)

        # One part of this address says nothing, another is no JSON at all.
        garbled = '{"a":"td","pins":[{"sample":"<b>"}],"scope":"constructor","granularity":9}'
        for asked, shown in ((garbled, "td"), ("{'a':", "bae")):
            other.goto(f"{address}?view={quote(asked)}")
            other.locator(".ae-cell").first.wait_for(timeout=SLOW)
            expect(other.locator(".ae-headname").first).to_have_text(shown)
            expect(other.get_by_label("Pinned tokens")).to_be_hidden()
            assert other.get_by_role("alert").count() == 0
        other.context.close()
