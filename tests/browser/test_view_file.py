"""The exported file as a page of its own."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from view import made

from explorer.view import export

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_whole_page_keeps_the_rules_of_access(page, tmp_path, scheme):
    rollouts = made.batch(prompts=1)
    path = export.html(
        rollouts, made.credits(rollouts, 3), tmp_path / "x.html", title="run, step 4"
    )
    page.emulate_media(color_scheme=scheme)
    page.goto(path.as_uri())
    page.locator(".ae-cell").first.wait_for()
    page.wait_for_timeout(400)
    assert page.get_by_role("main").get_by_role("heading").count() == 0
    assert page.get_by_role("heading", level=1).inner_text() == "run, step 4"
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []


def test_what_a_reader_chose_outlives_a_reload(page, tmp_path):
    rollouts = made.batch(prompts=1)
    path = export.html(rollouts, made.credits(rollouts, 3), tmp_path / "x.html")
    page.goto(path.as_uri())
    page.locator(".ae-cell").first.wait_for()
    page.get_by_label("Estimator A").select_option("bae")
    page.get_by_label("Credit for each").select_option("word")
    page.wait_for_function("location.hash.includes('word')")
    page.reload()
    page.locator(".ae-cell").first.wait_for()
    assert page.get_by_label("Estimator A").input_value() == "bae"
    assert page.get_by_label("Credit for each").input_value() == "word"
    # An address that was cut short, or that somebody made up, begins as the file does.
    page.goto("about:blank")
    page.goto(path.as_uri() + "#%7B%22granularity%22%3A%22wo")
    page.locator(".ae-cell").first.wait_for()
    assert page.get_by_label("Credit for each").input_value() == "token"


@pytest.mark.parametrize(
    ("prompts", "groups", "first"),
    [(1, [3], "prompt 3"), (1, None, "prompt"), (2, None, "prompt 0"), (2, [3, 7], "prompt 3")],
)
def test_a_prompt_has_the_number_that_it_was_asked_for_by(page, tmp_path, prompts, groups, first):
    rollouts = made.batch(prompts=prompts)
    path = export.html(rollouts, made.credits(rollouts, 2), tmp_path / "x.html", groups=groups)
    page.goto(path.as_uri())
    assert page.locator(".ae-prompt .ae-quiet").first.inner_text() == first
    page.locator(".ae-text").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("t")
    sample = int(page.locator(".ae-row").first.get_attribute("data-sample") or -1)
    named = f"Completion {sample + 1}" + (f" of {first}" if " " in first else "")
    assert page.get_by_role("dialog").get_by_role("heading").inner_text() == named
    page.keyboard.press("Escape")
    page.get_by_label("More settings").click()
    with page.expect_download() as found:
        page.get_by_role("button", name="CSV").click()
    line = found.value.path().read_text(encoding="utf-8").splitlines()[1]
    assert line.split(",")[:3] == ["1", first.removeprefix("prompt").strip(), "1"]
