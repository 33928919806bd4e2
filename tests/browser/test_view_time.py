"""The view while a run goes on: it follows, lets go, waits for what was asked, and never queues."""

import base64

import pytest
from browser.stage import settle, show, stage
from playwright.sync_api import expect
from view import made

from explorer.view.wire import pack

pytestmark = pytest.mark.browser

STEPS = [0, 4, 8, 12]
KEYS = ["PageDown", "PageUp", "ArrowDown", "ArrowRight", "ArrowLeft", "Home", "End", "n", "p"]


def payload(step: int, steps: list[int] = STEPS) -> bytes:
    rollouts = made.batch(prompts=1, samples=4, seed=step)
    return pack(rollouts, made.credits(rollouts, 3), step=step, steps=steps)


def prompt(page) -> str:
    return page.locator(".ae-prompt code").inner_text()


def state(page) -> dict:
    page.wait_for_timeout(300)
    return page.evaluate("stage.saved.at(-1)")


def test_it_follows_the_latest_until_the_reader_scrolls(page):
    stage(page, payload(8))
    before = prompt(page)
    show(page, payload(12))
    page.wait_for_timeout(500)
    latest = prompt(page)
    assert latest != before
    page.locator(".ae-text").hover()
    page.mouse.wheel(0, 40)
    assert state(page)["follow"] is False
    assert "no longer following" in page.get_by_role("status").inner_text()
    show(page, payload(16, [*STEPS, 16]))
    page.wait_for_timeout(500)
    assert prompt(page) == latest
    assert page.get_by_label("Training step", exact=True).get_attribute("max") == "4"
    page.get_by_role("button", name="follow latest").click()
    assert state(page)["step"] == 16


def test_scrubbing_asks_the_host_and_shows_that_step(page):
    stage(page, payload(12))
    page.get_by_label("Previous step").click()
    asked = state(page)
    assert (asked["step"], asked["follow"]) == (8, False)
    expect(page.locator(".ae-said")).to_contain_text("loading")
    show(page, payload(8))
    page.wait_for_timeout(500)
    expect(page.locator(".ae-said")).to_have_text("step 8 of 12")
    page.locator(".ae-text").focus()
    page.keyboard.press("[")
    assert state(page)["step"] == 4


def test_play_walks_through_the_steps(page):
    stage(page, payload(0))
    page.get_by_label("Speed").select_option("4\u00d7")
    page.get_by_role("button", name="Play").click()
    seen = []
    for _ in range(30):
        page.wait_for_timeout(100)
        asked = page.evaluate("stage.saved.at(-1)?.step")
        if asked is not None and asked not in seen:
            seen.append(asked)
            show(page, payload(asked))
        if asked == 12:
            break
    assert seen == [4, 8, 12]


def test_pause_holds_and_then_shows_only_the_newest(page):
    stage(page, payload(0))
    before = prompt(page)
    page.get_by_role("button", name="pause").click()
    for step in (4, 8, 12):
        show(page, payload(step))
    page.wait_for_timeout(400)
    assert prompt(page) == before
    page.locator(".ae-text").focus()
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    rollouts = made.batch(prompts=1, samples=4, seed=12)
    assert prompt(page) == rollouts.prompts[0]
    expect(page.locator(".ae-said")).to_contain_text("2 skipped")


def test_nothing_is_drawn_while_nobody_can_see_it(page):
    stage(page, payload(0))
    before = prompt(page)
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    for step in (4, 12):
        show(page, payload(step))
    page.wait_for_timeout(500)
    assert prompt(page) == before
    page.evaluate(hide, False)
    page.wait_for_timeout(500)
    assert prompt(page) == made.batch(prompts=1, samples=4, seed=12).prompts[0]


def test_a_pin_lets_go_of_the_latest(page):
    stage(page, payload(8))
    page.locator(".ae-text").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert state(page)["follow"] is False


def test_a_step_that_was_asked_for_is_shown_in_a_pause_too(page):
    stage(page, payload(12))
    page.get_by_role("button", name="pause").click()
    page.get_by_label("Previous step").click()
    assert state(page)["step"] == 8
    expect(page.locator(".ae-said")).to_contain_text("step 8 of 12, loading")
    show(page, payload(12, [*STEPS, 16]))  # nobody asked for that
    expect(page.locator(".ae-said")).to_contain_text("step 8 of 16, loading")
    show(page, payload(8, [*STEPS, 16]))
    expect(page.locator(".ae-said")).to_have_text("step 8 of 16")
    page.wait_for_timeout(500)
    assert prompt(page) == made.batch(prompts=1, samples=4, seed=8).prompts[0]
    expect(page.get_by_role("button", name="pause")).to_have_attribute("aria-pressed", "true")


def pressed(page, selector: str) -> None:
    page.locator(selector).first.dispatch_event("pointerdown")


def test_whatever_moves_the_reader_lets_go_of_the_latest(page):
    stage(page, payload(8))
    page.wait_for_timeout(600)
    follow = page.get_by_role("button", name="follow latest")
    moves = [
        *((lambda key=key: page.keyboard.press(key)) for key in KEYS),
        lambda: pressed(page, ".ae-text"),  # its scroll bar
        lambda: pressed(page, ".ae-strips"),
        lambda: pressed(page, ".ae-strip canvas"),
        lambda: page.locator(".ae-strips").dispatch_event("wheel"),
        lambda: page.locator(".ae-strips").dispatch_event("touchmove"),
    ]
    for k, move in enumerate(moves):
        show(page, payload(12))
        page.locator(".ae-text").focus()
        page.evaluate("document.querySelector('.ae-text').scrollTop += 5")  # not the reader
        settle(page)
        expect(follow).to_have_attribute("aria-pressed", "true")
        move()
        settle(page)
        assert follow.get_attribute("aria-pressed") == "false", k
        follow.click()


def test_it_draws_ten_times_a_second_at_most(page):
    stage(page, payload(0))
    batches = [base64.b64encode(payload(step)).decode() for step in STEPS]
    draws = page.evaluate(
        """async (batches) => {
          const all = batches.map(bytes);
          const before = performance.getEntriesByType("measure").length;
          const end = performance.now() + 4000;
          for (let k = 0; performance.now() < end; k++) {
            stage.show(all[k % 4]);
            await new Promise((r) => setTimeout(r, 10));
          }
          return performance.getEntriesByType("measure").slice(before).map((m) => m.name);
        }""",
        batches,
    )
    # Strips and texts together; the text three times a second, since colours that flip are a flash.
    assert 20 <= len(draws) <= 41
    assert draws.count("ae-draw") <= 13


def test_a_reader_who_wants_less_motion_starts_paused(page):
    page.emulate_media(reduced_motion="reduce")
    stage(page, payload(0))
    expect(page.get_by_role("button", name="pause")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Next step").click()
    assert state(page)["step"] == 4
    show(page, payload(4))
    page.wait_for_timeout(500)
    expect(page.locator(".ae-said")).to_have_text("step 4 of 12")
    assert prompt(page) == made.batch(prompts=1, samples=4, seed=4).prompts[0]


def test_a_row_that_comes_into_sight_before_its_text_breaks_nothing(page):
    """Strips follow at once and the text a little later; between the two the reader scrolls."""
    rollouts = made.batch(prompts=1, samples=60)
    credits = list(made.credits(rollouts, 12).items())
    before, after = (pack(rollouts, dict(some)) for some in (credits[:3], credits[6:9]))
    stage(page, before)
    page.wait_for_timeout(500)
    page.evaluate(
        """async ([one, other]) => {
            const wait = (ms) => new Promise((done) => setTimeout(done, ms));
            stage.show(bytes(one));
            await wait(150);
            stage.show(bytes(other));
            for (let k = 1; k < 8; k++) {
                document.querySelector(".ae-text").scrollTop = 400 * k;
                await wait(25);
            }
        }""",
        [base64.b64encode(payload).decode() for payload in (before, after)],
    )
    expect(page.get_by_label("Estimator A")).to_have_value(credits[6][0])
