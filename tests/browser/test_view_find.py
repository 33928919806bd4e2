"""The browser's own search, selection and copying reach all of the text, not only what is near."""

import base64
import dataclasses

import pytest
from browser.stage import settle, stage
from playwright.sync_api import Page, expect
from view import made

from explorer.types import Rollouts
from explorer.view.wire import pack

pytestmark = pytest.mark.browser

WORD = "zyzzyva"
# Where the word stands in the window of the text; null while no row holds it.
PLACE = """() => {
  const view = document.querySelector(".ae-text").getBoundingClientRect();
  for (const line of document.querySelectorAll(".ae-line")) {
    const at = line.textContent.indexOf("zyzzyva");
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(line.firstChild, at);
    range.setEnd(line.firstChild, at + 7);
    const word = range.getBoundingClientRect();
    const inside = word.bottom < line.getBoundingClientRect().bottom;
    return { top: word.top - view.top, bottom: view.bottom - word.bottom, inside };
  }
  return null;
}"""


def with_word(rollouts: Rollouts, sample: int, share: float) -> Rollouts:
    """The batch with one token replaced, at a share of a completion's length."""
    places = [t for t, i in enumerate(rollouts.sample.tolist()) if i == sample]
    pieces = [*(rollouts.pieces or [])]
    pieces[places[int(share * len(places))]] = WORD
    return dataclasses.replace(rollouts, pieces=pieces)


def words_of(rollouts: Rollouts, sample: int) -> str:
    """What the policy wrote in one completion."""
    of = rollouts.sample.tolist()
    return "".join(p for p, i in zip(rollouts.pieces or [], of, strict=True) if i == sample)


def open_stage(page: Page, share: float = 0.1, steps: int = 3) -> Rollouts:
    """Many rows, the word in the last one; waits until every row is written."""
    rollouts = with_word(made.batch(prompts=6, steps=steps), 47, share)
    stage(page, pack(rollouts, made.credits(rollouts, 2)))
    expect(page.locator(".ae-row:empty")).to_have_count(0)
    return rollouts


def test_words_of_a_row_far_away_are_found_and_stay_the_same_text(page):
    open_stage(page)
    far = page.locator(".ae-row[data-sample='47']")
    assert page.evaluate(PLACE)["top"] > 2000
    expect(far).to_have_class("ae-row ae-far")
    assert page.evaluate("window.find('zyzzyva')")
    page.evaluate("getSelection().anchorNode.parentElement.scrollIntoView({ block: 'center' })")
    expect(far).to_have_class("ae-row")
    settle(page)
    assert page.evaluate("getSelection().toString()") == WORD
    assert page.evaluate("getSelection().anchorNode.isConnected")
    place = page.evaluate(PLACE)
    assert place["top"] > 0
    assert place["bottom"] > 0
    assert page.evaluate(
        """() => {
          const painted = [...CSS.highlights.values()].flatMap((set) => [...set]);
          return painted.some((range) => range.startContainer === getSelection().anchorNode);
        }"""
    )


@pytest.mark.parametrize("split", [False, True])
def test_a_row_opens_for_what_was_found_below_its_fold(page, split):
    open_stage(page, share=0.9, steps=60)
    page.evaluate("(split) => stage.state({ split })", split)
    expect(page.locator(".ae-row:empty")).to_have_count(0)
    line = page.locator(".ae-row[data-sample='47'] .ae-line").first
    assert not page.evaluate(PLACE)["inside"]
    line.scroll_into_view_if_needed()
    settle(page)
    assert line.get_attribute("hidden") == "until-found"
    expect(line).to_be_visible()
    line.evaluate("(line) => line.dispatchEvent(new Event('beforematch', { bubbles: true }))")
    assert page.evaluate(PLACE)["inside"]
    settle(page)
    assert page.evaluate(PLACE)["inside"]
    expect(page.locator(".ae-row[data-sample='47'] .ae-more")).to_have_text("fold")
    assert line.get_attribute("hidden") is None


def test_folded_words_that_are_scrolled_open_at_the_same_place(page):
    open_stage(page, share=0.9, steps=60)
    line = page.locator(".ae-row[data-sample='47'] .ae-line").first
    line.scroll_into_view_if_needed()
    settle(page)
    line.evaluate("(line) => (line.scrollTop = 900)")
    before = page.evaluate(PLACE)["top"]
    settle(page)
    assert line.evaluate("(line) => line.scrollTop") == 0
    assert page.evaluate(PLACE)["inside"]
    assert page.evaluate(PLACE)["top"] == pytest.approx(before, abs=1)
    expect(page.locator(".ae-row[data-sample='47'] .ae-more")).to_have_text("fold")


def test_far_rows_never_hold_words_of_a_batch_before(page):
    open_stage(page)
    other = made.batch(prompts=6, seed=1)
    page.evaluate("document.querySelector('.ae-text').scrollTop = 0")
    payload = base64.b64encode(pack(other, made.credits(other, 2))).decode()
    drawn = page.evaluate(
        """async (text) => {
          stage.show(bytes(text));
          const frame = () => new Promise(requestAnimationFrame);
          const first = document.querySelector(".ae-line");
          const before = first.textContent;
          while (first.textContent === before) await frame();
          return document.body.textContent;
        }""",
        payload,
    )
    assert WORD not in drawn
    expect(page.locator(".ae-row:empty")).to_have_count(0)
    last = words_of(other, 47)
    text = page.locator(".ae-row[data-sample='47'] .ae-line").first.text_content() or ""
    assert text.replace("\u21b5", "") == last


def test_everything_can_be_copied(page):
    rollouts = open_stage(page)
    copied = page.evaluate(
        """() => {
          getSelection().selectAllChildren(document.querySelector(".ae-lanes"));
          const data = new DataTransfer();
          const event = new ClipboardEvent("copy", { clipboardData: data, bubbles: true });
          document.querySelector(".ae-text").dispatchEvent(event);
          return data.getData("text/plain");
        }"""
    )
    order = page.evaluate(
        "[...document.querySelectorAll('.ae-row')].map((row) => Number(row.dataset.sample))"
    )
    rows = [words_of(rollouts, k) for k in order]
    assert len(rows) == 48
    assert copied == "\n\n".join(rows)
