"""The view in a real browser: what a reader sees, points at and chooses."""

import re

import pytest
from browser.stage import settle, show, stage
from playwright.sync_api import Page, expect
from view import made

from explorer.view.quantise import dequantise
from explorer.view.wire import pack, unpack

pytestmark = pytest.mark.browser

ROLLOUTS = made.batch()
CREDITS = made.credits(ROLLOUTS)
NAMES = {"blocks": made.BLOCKS, "outcomes": made.OUTCOMES}
PAYLOAD = pack(ROLLOUTS, CREDITS, **NAMES)


def first_row(page: Page) -> int:
    return int(page.locator(".ae-row").first.get_attribute("data-sample") or -1)


def point_at(page: Page, token: int, column: int = 0) -> int:
    """Put the pointer on a token of the first completion; gives its place in the batch."""
    sample = first_row(page)
    where = page.evaluate(
        """([column, token]) => {
          const cell = document.querySelectorAll(".ae-row .ae-cell")[column];
          const text = cell.querySelector(".ae-line").firstChild;
          const pieces = window.pieces;
          const from = pieces.slice(0, token).join("").replaceAll("\\n", "..").length;
          const range = document.createRange();
          range.setStart(text, from);
          range.setEnd(text, from + pieces[token].length);
          const r = range.getBoundingClientRect();
          return [r.left + r.width / 2, r.top + r.height / 2];
        }""",
        [column, token],
    )
    page.mouse.move(*where)
    return int((ROLLOUTS.sample < sample).sum()) + token


def open_stage(page: Page, payload: bytes = PAYLOAD) -> None:
    stage(page, payload)
    sample = first_row(page)
    pieces = [
        p for p, i in zip(ROLLOUTS.pieces, ROLLOUTS.sample.tolist(), strict=True) if i == sample
    ]
    page.evaluate("(pieces) => { window.pieces = pieces; }", pieces)


def shown(x: float) -> str:
    """Three digits and a sign, as `numbers.js` writes them."""
    text = f"{x:.3g}".replace("-", "\u2212")
    return f"+{text}" if x > 0 else text


def state(page: Page) -> dict:
    page.wait_for_timeout(300)
    return page.evaluate("stage.saved.at(-1)")


def test_every_run_of_colour_is_a_highlight_and_the_text_one_node(page):
    open_stage(page)
    nodes = page.evaluate(
        "[...document.querySelectorAll('.ae-line')].map((line) => line.childNodes.length)"
    )
    assert set(nodes) == {1}
    sizes = page.evaluate("Object.fromEntries([...CSS.highlights].map(([k, v]) => [k, v.size]))")
    assert len(sizes) == 2 * 2 * 17 + 4  # signs, noise; masked, not a number, shared, found
    assert sum(sizes.values()) > 50
    text = page.evaluate(
        """() => [...CSS.highlights].flatMap(([name, set]) => [...set].map((r) =>
             [name, r.startContainer.data.slice(r.startOffset, r.endOffset)]))"""
    )
    assert any(re.search(r"-m\d+$", name) and "<analysis>" in part for name, part in text)
    assert all(part == "\u21b5\n" for name, part in text if name.endswith("masked"))


def test_equal_values_are_equal_colours_in_both_columns(page):
    open_stage(page, pack(ROLLOUTS, CREDITS, focus=["bae", "bae"], **NAMES))
    pairs = page.evaluate(
        """() => [...document.querySelectorAll(".ae-row[role=row]")].slice(0, 3).map((row) =>
          [...row.querySelectorAll(".ae-line")].map((line) =>
            [...CSS.highlights].flatMap(([name, set]) => [...set]
              .filter((r) => r.startContainer === line.firstChild)
              .map((r) => `${name} ${r.startOffset} ${r.endOffset}`)).sort().join("|")))"""
    )
    assert all(a == b and a for a, b in pairs)


def test_the_card_has_every_number_and_the_formula(page):
    open_stage(page)
    t = point_at(page, 20)
    card = page.locator(".ae-popup")
    card.wait_for(state="visible", timeout=1000)
    assert page.locator(".ae-popup").count() == 1
    for name, credit in CREDITS.items():
        row = card.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))
        assert shown(credit.advantage[t].item()) in row.inner_text()
    r = ROLLOUTS.block_rewards[first_row(page), 0].item()
    base = CREDITS["bae"].baseline[t].item()
    row = card.get_by_role("listitem").filter(has=page.get_by_text("bae", exact=True))
    filled = re.search(r"= (\S+) \u2212 (\S+)", row.inner_text().replace("(", "").replace(")", ""))
    assert filled
    target, subtracted = (float(x.replace("\u2212", "-")) for x in filled.groups())
    assert (target, subtracted) == pytest.approx((r, base), rel=0.005)
    assert shown(target - subtracted) == shown(CREDITS["bae"].advantage[t].item())
    assert "compared with 7 completions of the same prompt" in card.inner_text()


def test_the_sentence_names_the_stratum(page):
    open_stage(page)
    sample = first_row(page)
    same = (ROLLOUTS.group == ROLLOUTS.group[sample]) & (
        ROLLOUTS.outcomes[:, 1] == ROLLOUTS.outcomes[sample, 1]
    )
    point_at(page, 60)
    card = page.locator(".ae-popup")
    card.wait_for(state="visible")
    outcome = made.OUTCOMES[int(ROLLOUTS.outcomes[sample, 1])]
    assert f"compared with {int(same.sum()) - 1} completion" in card.inner_text()
    assert f"the outcome \u201c{outcome}\u201d" in card.inner_text()


def test_peers_light_up_in_text_and_strips(page):
    open_stage(page)
    veils = """() => [...document.querySelectorAll(".ae-veil")].map((c) =>
      c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((x) => x > 0))"""
    assert not any(page.evaluate(veils))
    point_at(page, 60)
    page.locator(".ae-popup").wait_for(state="visible")
    assert page.evaluate(veils)[0]
    # Strips out of sight are left alone until they are scrolled to.
    assert not page.evaluate(veils)[-1]
    page.evaluate("document.querySelector('.ae-strips').scrollTo(0, 1e5)")
    settle(page)
    assert page.evaluate(veils)[-1]
    sample = first_row(page)
    assert sample in lit(page)
    assert {int(ROLLOUTS.outcomes[i, 1]) for i in lit(page)} == {int(ROLLOUTS.outcomes[sample, 1])}
    assert {int(ROLLOUTS.group[i]) for i in lit(page)} == {int(ROLLOUTS.group[sample])}
    page.mouse.move(2, 2)
    page.wait_for_timeout(250)
    page.evaluate("document.querySelector('.ae-strips').scrollTo(0, 0)")
    settle(page)
    assert not any(page.evaluate(veils))


def lit(page: Page) -> set[int]:
    """The completions with peers in the text."""
    rows = page.locator(".ae-row[role=row]:has(.ae-mark-peers[d^=M])").all()
    return {int(row.get_attribute("data-sample") or -1) for row in rows}


def test_peers_of_a_pin_stay_lit(page):
    open_stage(page, pack(ROLLOUTS, CREDITS, focus=["gae", "bae"], **NAMES))
    sample = first_row(page)
    page.locator(".ae-text").focus()
    for key in ("ArrowRight", "End", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    settle(page)
    assert lit(page) == set()  # a critic compares with nobody
    page.keyboard.press("1")  # bae
    settle(page)
    assert sample in lit(page)
    assert {int(ROLLOUTS.outcomes[i, 1]) for i in lit(page)} == {int(ROLLOUTS.outcomes[sample, 1])}
    page.keyboard.press("Escape")
    page.keyboard.press("3")  # gae
    point_at(page, 20, column=1)
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(2, 2)
    page.wait_for_timeout(250)
    assert state(page)["pins"] == [{"sample": sample, "token": 20, "column": "b"}]
    assert {int(ROLLOUTS.group[i]) for i in lit(page)} == {int(ROLLOUTS.group[sample])}


def test_click_pins_escape_unpins_and_the_host_hears_of_it(page):
    open_stage(page)
    point_at(page, 20)
    page.mouse.down()
    page.mouse.up()
    assert state(page)["pins"] == [{"sample": first_row(page), "token": 20}]
    expect(page.get_by_label("Pinned tokens")).to_be_visible()
    point_at(page, 30)
    page.keyboard.down("Control")
    page.mouse.down()
    page.mouse.up()
    page.keyboard.up("Control")
    assert len(state(page)["pins"]) == 2
    expect(page.locator(".ae-difference")).to_be_visible()
    page.locator(".ae-text").focus()
    page.keyboard.press("Escape")  # the card
    page.keyboard.press("Escape")  # the pins
    assert state(page)["pins"] == []
    expect(page.get_by_label("Pinned tokens")).to_be_hidden()


def test_keys_move_and_are_spoken(page):
    open_stage(page)
    page.locator(".ae-text").focus()
    said = page.get_by_role("status")
    page.keyboard.press("ArrowRight")
    settle(page)
    first = said.inner_text()
    assert first.startswith("token 1 of")
    assert "bae" in first
    assert "grpo" in first
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("ArrowDown")
    settle(page)
    assert state(page)["sample"] != first_row(page)
    page.keyboard.press("End")
    settle(page)
    assert "eos" in said.inner_text()
    page.keyboard.press("Digit3")
    assert state(page)["a"] == "gae"
    page.keyboard.press("Shift+Digit5")
    assert state(page)["b"] == "reinforce"
    page.keyboard.press("c")
    assert state(page)["split"] is False
    page.keyboard.press("Enter")
    assert len(state(page)["pins"]) == 1
    page.keyboard.press("n")
    settle(page)
    assert said.inner_text().startswith("surprise 1 of")


def test_a_bracket_tells_the_length_and_the_sum_of_its_step(page):
    open_stage(page, pack(ROLLOUTS, CREDITS, state={"granularity": "step", "a": "gae"}, **NAMES))
    first = page.locator(".ae-cell").first.locator(".ae-labels text").first.text_content() or ""
    many, total = first.replace("\u2212", "-").split(" \u00b7 ")
    step = ROLLOUTS.segment == ROLLOUTS.segment[ROLLOUTS.sample == first_row(page)][0]
    assert int(many) == int(step.sum())
    wanted = CREDITS["gae"].advantage[step & ROLLOUTS.mask].sum().item()
    assert float(total) == pytest.approx(wanted, rel=0.005)


def test_only_one_lane(page):
    open_stage(page)
    every = page.locator(".ae-row").count()
    page.get_by_role("button", name="only").first.click()
    settle(page)
    assert state(page)["only"]["group"] == 0
    assert 0 < page.locator(".ae-row").count() < every
    page.get_by_role("button", name="show all").first.click()
    settle(page)
    assert page.locator(".ae-row").count() == every


def test_a_stratum_of_one_is_flagged_and_an_empty_one_is_shown(page):
    rollouts = made.batch(seed=1)
    open_stage(page, pack(rollouts, made.credits(rollouts), **NAMES))
    expect(page.get_by_text("nobody to compare with").first).to_be_visible()
    always_wrong = made.batch(prompts=1, steps=60)
    show(page, pack(always_wrong, made.credits(always_wrong), **NAMES))
    expect(page.get_by_text("no completion", exact=True)).to_be_visible()


def test_controls_change_the_picture_and_the_state(page):
    open_stage(page)
    page.get_by_label("Credit for each").select_option("block")
    settle(page)
    assert state(page)["granularity"] == "block"
    expect(page.get_by_label("Sum or mean")).to_be_visible()
    page.get_by_label("Scale of").select_option("locked")
    settle(page)
    page.get_by_label("Locked limit").fill("0.5")
    page.keyboard.press("Enter")
    settle(page)
    assert state(page)["limit"] == 0.5
    assert page.locator(".ae-limit").nth(1).inner_text() == "\u00b10.5"
    page.get_by_label("Swap A and B").click()
    settle(page)
    assert (state(page)["a"], state(page)["b"]) == ("grpo", "bae")


def test_a_state_comes_back_as_it_was(page):
    kept = {"a": "td", "b": "spo", "granularity": "line", "scope": "all", "pins": []}
    open_stage(page, pack(ROLLOUTS, CREDITS, state=kept, **NAMES))
    assert page.locator(".ae-headname").all_inner_texts() == ["td", "spo"]
    page.evaluate("stage.state({ ...stage.values.state, a: 'gae', b: 'spo', split: false })")
    settle(page)
    assert page.locator(".ae-headname:visible").all_inner_texts() == ["gae"]


def test_the_strip_shows_what_the_estimator_gives(page):
    open_stage(page)
    got = unpack(PAYLOAD)["estimators"][2]
    assert got["name"] == "gae"
    values = dequantise(got["strip"], got["scale"])
    label = page.get_by_role("img", name=re.compile("^gae:")).get_attribute("aria-label")
    positive = (values > 0).sum() / (~(values != values)).sum()
    assert f"{float(f'{100 * positive:.2g}'):g} % of the tokens positive" in (label or "")
