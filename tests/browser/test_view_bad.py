"""What is wrong with a batch is said in the view by the name of the field, and the rest works."""

import json

import pytest
import torch
from browser.stage import settle, show, stage
from playwright.sync_api import Page, expect
from view import made

from explorer.types import Credit, Rollouts
from explorer.view.wire import pack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch(prompts=1, samples=4)
GOOD = pack(ROLLOUTS, made.credits(ROLLOUTS, 3))


def changed(change) -> bytes:
    """A packed batch whose header is another."""
    size = int.from_bytes(GOOD[:4], "little")
    header = json.loads(GOOD[4 : 4 + size])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + GOOD[4 + size :]


def usable(page: Page) -> None:
    page.locator(".ae-text").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.get_by_role("status").last.inner_text().startswith("token 1 of")


def shorten(reference) -> None:
    reference["n"] -= 1


FAULTS = {
    "rewards": lambda h: h["rewards"].pop(),
    "group": lambda h: h["group"].append(0),
    "ids": lambda h: h["ids"].update(n=h["ids"]["n"] - 1),
    "strip of bae": lambda h: h["estimators"][0]["strip"].update(
        dense={"$": "i1", "at": 0, "n": 3}
    ),
    "strip": lambda h: h["estimators"][0]["strip"].update(dense={"$": "f8", "at": 0, "n": 3}),
    "entropy": lambda h: h["measures"]["entropy"]["dense"].update({"$": "V2"}),
    "lengths": lambda h: h["lengths"].pop(),
    "ids: has 258 entries, expected 257": lambda h: h["lengths"].append(h["lengths"].pop() - 1),
    "finished": lambda h: h["finished"].pop(),
    "prompts": lambda h: h["prompts"].pop(),
    "block_rewards": lambda h: h["block_rewards"].pop(),
    "outcomes": lambda h: h["outcomes"][1].pop(),
    "text": lambda h: shorten(h["text"]["ends"]),
    "block": lambda h: shorten(h["block"]["value"]),
    "segment": lambda h: h["segment"].update(at=h["segment"]["at"] + 4),
    "values": lambda h: shorten(h["measures"]["values"]["dense"]),
    "strip of grpo": lambda h: shorten(h["estimators"][1]["strip"]["start"]),
    "target of gae": lambda h: shorten(h["estimators"][2]["terms"]["target"]["dense"]),
    "peers of grpo": lambda h: shorten(h["estimators"][1]["peers"]["value"]),
    "beyond of gae": lambda h: shorten(h["estimators"][2]["beyond"][1]),
    "strata of bae": lambda h: h["estimators"][0]["strata"]["mean"].pop(),
    "strata of bae: has": lambda h: h["classes"][0].pop(),
    "version": lambda h: h.update(version=9),
    "estimators": lambda h: h.update(estimators=[]),
}


@pytest.mark.parametrize("field", FAULTS)
def test_a_fault_is_named_and_the_next_batch_is_shown(page, field):
    stage(page, changed(FAULTS[field]))
    assert f"cannot be shown. {field}" in page.get_by_role("alert").inner_text()
    show(page, GOOD)
    expect(page.get_by_role("alert")).to_be_hidden()
    usable(page)


def test_what_is_not_a_number_is_neither_masked_nor_zero(page):
    place = torch.arange(len(ROLLOUTS.tokens))
    target = torch.where(place < 5, torch.nan, (place > 6).float())
    credit = Credit(target=target, baseline=torch.zeros_like(target))
    stage(page, pack(ROLLOUTS, {"x": credit}, masks={"x": place != 5}))
    expect(page.get_by_text("5 not a number")).to_be_visible()
    page.wait_for_timeout(400)
    assert "5 not a number" in page.get_by_role("img", name="x:").get_attribute("aria-label")
    page.evaluate("stage.state({ ...stage.values.state, sample: 0, token: 3 })")
    page.locator(".ae-text").focus()
    said = page.locator(".ae > [aria-live]")
    for words in ("x not a number", "x masked", "x 0"):
        page.keyboard.press("ArrowRight")
        settle(page)
        assert words in said.inner_text()
    marked = """(kind) => [...CSS.highlights].filter(([name]) => name.endsWith(kind))
        .reduce((n, [, set]) => n + set.size, 0)"""
    assert page.evaluate(marked, "-fault") == 1
    assert page.evaluate(marked, "-masked") > 0
    page.keyboard.press("t")
    settle(page)
    cells = page.locator(".ae-dialog tbody td:last-child").all_inner_texts()[:7]
    assert cells == ["not a number"] * 5 + ["masked", "0"]


def lists(tokens: list[list[int]], pieces: list[list[str]]) -> bytes:
    many = len(tokens)
    rollouts = Rollouts.from_lists(
        tokens=tokens, rewards=[1.0] * many, group=[0] * many, pieces=pieces
    )
    value = torch.linspace(-1, 1, len(rollouts.tokens))
    return pack(rollouts, {"x": Credit(target=value, baseline=torch.zeros_like(value))})


def test_a_completion_without_a_token(page):
    stage(page, lists([[], [1, 2], []], [[], ["a", "b"], []]))
    assert page.locator(".ae-row").count() == 3
    assert page.get_by_text("0 tokens").count() == 2
    for key in ("ArrowDown", "ArrowRight", "End", "t"):
        page.locator(".ae-text").focus()
        page.keyboard.press(key)
        settle(page)
        page.keyboard.press("Escape")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_batch_without_a_completion(page):
    empty = torch.empty(0, dtype=torch.long)
    rollouts = Rollouts(
        tokens=empty, mask=empty.bool(), sample=empty, rewards=torch.empty(0), group=empty
    )
    nothing = Credit(target=torch.empty(0), baseline=torch.empty(0))
    stage(page, GOOD)
    show(page, pack(rollouts, {"x": nothing}))
    expect(page.get_by_text("It has no completion")).to_be_visible()
    show(page, GOOD)
    usable(page)


def test_a_token_of_a_megabyte(page):
    page.set_default_timeout(30_000)
    stage(page, lists([[1, 2, 3]], [["a ", "long " * 200_000, " b"]]))
    page.locator(".ae-text").focus()
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    settle(page)
    assert "(1000000 characters)" in page.get_by_role("status").last.inner_text()
    page.keyboard.press("Enter")
    settle(page)
    card = page.get_by_label("Pinned tokens")
    expect(card).to_be_visible()
    assert len(card.inner_text()) < 5000
    assert "and 999800 more" in card.inner_text()
