"""The view's text in a real browser: data and never HTML, in every theme, and as files."""

import dataclasses

import pytest
import torch
from browser.stage import settle, show, stage
from playwright.sync_api import expect
from view import made, odd

from explorer.types import Credit, Rollouts
from explorer.view.wire import pack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch()
CREDITS = made.credits(ROLLOUTS)
PAYLOAD = pack(ROLLOUTS, CREDITS, blocks=made.BLOCKS, outcomes=made.OUTCOMES)


def test_tokens_are_text_and_never_html(page):
    rollouts = odd.batch()
    stage(page, pack(rollouts, odd.credits(rollouts)))
    assert page.locator(".ae-text script, .ae-text b:not(.ae-letter)").count() == 0
    text = page.locator(".ae-lanes").inner_text()
    assert "<script>alert(1)</script>" in text
    assert "&amp;" in text
    assert "\u202e" not in text


def test_copy_gives_what_was_written(page):
    stage(page, PAYLOAD)
    sample = int(page.locator(".ae-row").first.get_attribute("data-sample") or -1)
    of = ROLLOUTS.sample.tolist()
    copied = page.evaluate(
        """() => {
          const line = document.querySelector(".ae-line");
          getSelection().selectAllChildren(line);
          const data = new DataTransfer();
          const event = new ClipboardEvent("copy", { clipboardData: data, bubbles: true });
          line.dispatchEvent(event);
          return data.getData("text/plain");
        }"""
    )
    assert copied == "".join(p for p, i in zip(ROLLOUTS.pieces, of, strict=True) if i == sample)
    assert "\n" in copied
    assert "\u21b5" not in copied


def test_find_looks_for_what_was_written(page):
    stage(page, pack(odd.batch(), odd.credits(odd.batch()), state={"whitespace": True}))
    page.locator(".ae-text").focus()
    page.keyboard.press("/")
    page.keyboard.type("Me think.")
    expect(page.get_by_text("24 found")).to_be_visible()
    found = page.evaluate(
        """() => {
          const id = document.querySelector(".ae").id;
          const [range] = CSS.highlights.get(`${id}-found`);
          return range.startContainer.data.slice(range.startOffset, range.endOffset);
        }"""
    )
    assert found == "me\u00b7\u200bthink."


# How many letters of the first completion are coloured, seen, and there.
LETTERS = """() => {
  const line = document.querySelector(".ae-line");
  const node = line.firstChild;
  line.scrollIntoView({ block: "center" });
  const { right, bottom } = line.getBoundingClientRect();
  const ranges = [...CSS.highlights.values()].flatMap((set) => [...set]);
  const mine = ranges.filter((range) => range.startContainer === node);
  return [
    Math.max(...mine.map((range) => range.endOffset)),
    document.caretPositionFromPoint(right - 2, bottom - 8)?.offset,
    node.length,
  ];
}"""


def test_a_folded_row_is_coloured_as_far_as_it_is_seen(page):
    rollouts = made.batch(prompts=1, samples=2, steps=230)
    ones = torch.ones(len(rollouts.tokens))
    stage(page, pack(rollouts, {"x": Credit(target=ones, baseline=0 * ones)}))
    coloured, seen, all_of_it = page.evaluate(LETTERS)
    assert seen < coloured < all_of_it
    page.evaluate("stage.state({ expanded: [0, 1] })")
    settle(page)
    coloured, _, all_of_it = page.evaluate(LETTERS)
    assert coloured == all_of_it


def test_letters_of_many_signs_are_coloured_to_the_fold(page):
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # 11 signs, one letter
    lists = {"tokens": [[7] * 400], "rewards": [1.0], "group": [0]}
    rollouts = dataclasses.replace(Rollouts.from_lists(**lists), pieces=[family] * 400)
    credit = Credit(target=torch.ones(400), baseline=torch.zeros(400))
    stage(page, pack(rollouts, {"x": credit}))
    coloured, _, all_of_it = page.evaluate(LETTERS)
    assert all_of_it == 4400
    assert coloured == all_of_it


def test_without_highlights_the_same_colours_are_spans(page):
    page.add_init_script("delete window.Highlight;")
    page.goto("about:blank")
    stage(page, PAYLOAD)
    painted = page.locator(".ae-line span")
    assert painted.count() > 10
    look = painted.first.evaluate("(s) => getComputedStyle(s).backgroundColor")
    assert look.startswith("rgba(")
    point_at_spans = page.locator(".ae-line").first.bounding_box()
    assert point_at_spans
    page.mouse.move(point_at_spans["x"] + 20, point_at_spans["y"] + 12)
    page.locator(".ae-popup").wait_for(state="visible", timeout=1000)


def test_an_error_names_the_field(page):
    stage(page, PAYLOAD[:-100])
    assert "do not fit" in page.locator(".ae-error").inner_text()
    show(page, PAYLOAD)
    expect(page.locator(".ae-error")).to_be_hidden()
    expect(page.locator(".ae-cell").first).to_be_visible()


def test_forced_colours_leave_the_sign(page):
    page.emulate_media(forced_colors="active")
    stage(page, PAYLOAD)
    look = page.evaluate(
        """() => ["m16", "p16"].map((kind) => {
          const id = document.querySelector(".ae").id;
          const line = document.querySelector(".ae-line");
          const style = getComputedStyle(line, `::highlight(${id}-${kind})`);
          return [style.textDecorationStyle, style.backgroundColor];
        })"""
    )
    assert [shape for shape, _ in look] == ["dotted", "solid"]
    assert {colour for _, colour in look} == {"rgba(0, 0, 0, 0)"}


def test_the_theme_is_the_hosts(page):
    page.emulate_media(color_scheme="light")
    stage(page, PAYLOAD)
    page.evaluate(
        """() => {
          const root = document.documentElement;
          root.style.setProperty("--st-background-color", "#101820");
          root.style.setProperty("--st-text-color", "#fafafa");
        }"""
    )
    settle(page)
    look = page.locator(".ae").evaluate(
        "(v) => [getComputedStyle(v).backgroundColor, getComputedStyle(v).colorScheme]"
    )
    assert look == ["rgb(16, 24, 32)", "dark"]


@pytest.mark.parametrize("kind", ["csv", "npz", "png"])
def test_files(page, kind):
    stage(page, PAYLOAD)
    page.get_by_label("More settings").click()
    with page.expect_download() as found:
        page.get_by_role("button", name=kind.upper()).click()
    assert found.value.suggested_filename == f"advantages.{kind}"
    content = found.value.path().read_bytes()
    assert content[:4] == {"csv": b"comp", "npz": b"PK\x03\x04", "png": b"\x89PNG"}[kind]
    assert len(content) > 10_000


def test_a_completion_is_a_real_table(page):
    stage(page, PAYLOAD)
    page.locator(".ae-text").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("t")
    sample = int(page.locator(".ae-row").first.get_attribute("data-sample") or -1)
    table = page.get_by_role("dialog").get_by_role("table")
    expect(table).to_be_visible()
    assert table.get_by_role("row").count() == 1 + int((ROLLOUTS.sample == sample).sum())
    assert table.get_by_role("columnheader").count() == 3 + len(CREDITS)
    page.keyboard.press("Escape")
    expect(table).to_be_hidden()
