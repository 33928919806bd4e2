"""The noise that the pages read off a score table, and what they say without one."""

import json

import pytest
import torch
from torch.testing import assert_close

from explorer import catalog, gradients, scorefile, scores
from explorer.contributions import contributions
from explorer.runs import open_run
from explorer.view import quantise, wire

STEP = 2


@pytest.fixture
def scored(runs):
    """A table of random scores for step 2 of the small run: two of its three prompts."""
    run = open_run(runs / "small")
    rollouts = run.rollouts(STEP)
    first = int((rollouts.group[rollouts.sample] < 2).sum())
    table = torch.randn(first, 16, generator=torch.Generator().manual_seed(0))
    path = scorefile.path_of(run.folder, STEP)
    scorefile.write(path, table, tier="sketch", groups=2)
    return run, rollouts, scorefile.read(path)


def html_of(test) -> str:
    drawn = [block.proto.body for block in test.get("html")]
    return next((one for one in drawn if 'class="noise"' in one), "")


def captions(test) -> str:
    return " ".join(one.value for one in test.caption)


def test_live_has_a_row_for_each_estimator_with_its_numbers(open_page, scored):
    _run, rollouts, table = scored
    test = open_page(f"live?run=small&step={STEP}&estimators=grpo&estimators=rloo")
    assert not test.exception and not test.error
    weights = catalog.run(catalog.load("aggregations", "block_mean"), rollouts)
    for name in ("grpo", "rloo"):
        given = {name: catalog.run(catalog.load("estimators", name), rollouts)}
        found = scores.sketch(table, rollouts, given, weights)[name]
        assert f"<th>{name}</th>" in html_of(test)
        assert f"{found.variance:.3g} <small>" in html_of(test)
    covered = int((rollouts.group < 2).sum())
    assert f"Step 2; sketch tier (random projections of the gradients), {covered}" in captions(test)
    assert "completions of 2 of 3 prompts; 95 % intervals" in captions(test)


def test_the_recorded_run_has_scores(open_page):
    test = open_page("live?run=recorded&estimators=grpo&estimators=bae")
    assert not test.exception and not test.error
    assert "<th>grpo</th>" in html_of(test)
    assert "256 completions of 16 prompts; 95 % intervals" in captions(test)


def test_a_setting_moves_the_numbers_and_the_curve(open_page, scored):
    test = open_page(f"live?run=small&step={STEP}&estimators=grpo")
    before = html_of(test)
    panels = json.loads(test.get("bidi_component")[1].proto.json)["panels"]
    assert panels[0]["series"][0]["x"] == [1, 2, 3]  # as the trainer measured
    test.toggle(key="grpo.divide_by_std").set_value(False).run()
    assert html_of(test) != before
    panels = json.loads(test.get("bidi_component")[1].proto.json)["panels"]
    line = dict(zip(panels[0]["series"][0]["x"], panels[0]["series"][0]["y"], strict=True))
    told = {step for step, value in line.items() if value is not None}
    assert told == {STEP}  # what the table tells, under that setting


def test_a_step_without_a_table_shows_the_nearest_and_says_so(open_page, scored):
    test = open_page("live?run=small&step=1&estimators=grpo")
    assert "<th>grpo</th>" in html_of(test)
    assert "Step 2, the nearest to 1 that has scores" in captions(test)
    test.toggle(key="noise").set_value(True).run()
    assert "step 1 has none (there is one of step 2)" in captions(test)
    assert not test.get("plotly_chart")


def test_a_run_without_a_table_says_how_to_get_one(open_page):
    test = open_page("live?run=small&step=1&estimators=grpo")
    assert not html_of(test)
    assert "step 1 has none: a trainer with more `score_share`" in captions(test)
    assert "--step 1 --tier sketch" in captions(test)


def test_the_estimators_page_compares_the_reader_s_setting(open_page, scored):
    test = open_page(f"estimators?run=small&step={STEP}&group=0&estimator=grpo")
    assert "grpo, yours" not in html_of(test)
    test.toggle(key="grpo.divide_by_std").set_value(False).run()
    assert "<th>grpo, yours</th>" in html_of(test)
    assert "grpo, yours beside grpo:" in " ".join(m.value for m in test.markdown)


def test_noise_stands_beside_the_advantages_and_adds_up(open_page, scored):
    _run, rollouts, table = scored
    test = open_page(f"live?run=small&step={STEP}&group=1&estimators=grpo&noise=true")
    assert not test.exception and not test.error
    header = wire.unpack(test.get("bidi_component")[0].proto.bytes)
    assert [e["name"] for e in header["estimators"]] == ["grpo", "noise of grpo"]
    assert (
        "1 is the average token; the deeper the purple the more, grey takes noise away"
        in header["estimators"][1]["note"]
    )
    assert header["focus"] == ["grpo", "noise of grpo"]
    assert test.get("plotly_chart")
    given = {"grpo": catalog.run(catalog.load("estimators", "grpo"), rollouts)}
    weights = catalog.run(catalog.load("aggregations", "block_mean"), rollouts)
    push = gradients.pushes(rollouts, given, weights)["grpo"]
    found = contributions(table, rollouts, push)
    here = (rollouts.group == 1)[rollouts.sample]
    wanted = found.whole[here] / found.whole[found.known].mean()
    strip = header["estimators"][1]
    told = torch.from_numpy(quantise.dequantise(strip["strip"], strip["scale"])).float()
    close = (told - wanted).abs() <= strip["scale"] / 200
    assert close.float().mean() > 0.98  # the others lie beyond the scale


def test_a_prompt_that_the_table_leaves_out_is_said(open_page, scored):
    test = open_page(f"live?run=small&step={STEP}&group=2&estimators=grpo&noise=true")
    assert "covers prompts 0 to 1" in " ".join(one.value for one in test.info)
    header = wire.unpack(test.get("bidi_component")[0].proto.bytes)
    assert [e["name"] for e in header["estimators"]] == ["grpo"]


def test_tables_are_read_anew_when_they_change(open_page, scored):
    run, _rollouts, table = scored
    test = open_page(f"live?run=small&step={STEP}&estimators=grpo")
    before = html_of(test)
    path = scorefile.path_of(run.folder, STEP)
    scorefile.write(path, 3 * table[0 : table.shape[0]], tier="tail")
    assert html_of(test.run()) != before
    assert "last layers only" in captions(test)


def test_compare_reads_the_table_where_nothing_was_measured(open_page, scored):
    run, rollouts, table = scored
    rows = [{k: v for k, v in row.items() if k != "variance"} for row in run.metrics()]
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    test = open_page(f"compare?run=small&step={STEP}&question=Noise")
    assert not test.exception and not test.error
    assert f"Step {STEP}; sketch tier" in captions(test)
    assert "Curves: sketch tier." in captions(test)
    figure = json.loads(test.get("plotly_chart")[0].proto.spec)
    shown = dict(zip(figure["data"][0]["y"], figure["data"][0]["x"], strict=True))
    given = {"rloo": catalog.run(catalog.load("estimators", "rloo"), rollouts)}
    weights = catalog.run(catalog.load("aggregations", "block_mean"), rollouts)
    found = scores.sketch(table, rollouts, given, weights)["rloo"]
    assert_close(shown["rloo"], found.snr)
    over = json.loads(test.get("plotly_chart")[1].proto.spec)
    assert over["data"][-1]["x"] == [STEP]
