"""The page that compares estimators on one batch, and several runs."""

import dataclasses
import json

import pytest
import torch

from app.compare import QUESTIONS
from explorer.figures.agreement import FARTHER, NEAREST, SHARED
from explorer.runs import open_run


def chart(test, which):
    return json.loads(test.get("plotly_chart")[which].proto.spec)


def said(test):
    return " ".join(element.value for kind in ("markdown", "caption") for element in test.get(kind))


@pytest.fixture
def valued(runs):
    """The folder of runs, with values of every state in step 3 of the run `small`."""
    run = open_run(runs / "small")
    batch = run.rollouts(3)
    draw = torch.Generator().manual_seed(0)
    values = 0.5 + 0.2 * torch.randn(len(batch.tokens), generator=draw)
    known = {"mc_values": values, "mc_sem": torch.full_like(values, 0.05)}
    run.write(3, dataclasses.replace(batch, **known))
    return runs


def test_all_questions_are_answered_from_a_run_without_true_values(open_page):
    for question in QUESTIONS:
        test = open_page(f"compare?run=small&question={question}")
        assert not test.exception and not test.error
        assert test.get("plotly_chart")  # at least the learning curves


def test_noise_is_shown_at_the_step_and_over_training(open_page):
    test = open_page("compare?run=small&question=Noise")
    assert set(chart(test, 0)["data"][0]["y"]) == {"grpo", "bae"}
    lines = [line for line in chart(test, 1)["data"] if line["mode"] == "lines+markers"]
    assert {line["name"] for line in lines} == {"grpo", "bae"}


def test_what_is_alike_and_what_can_not_be_served(open_page):
    test = open_page("compare?run=small&question=Alike")
    assert {"grpo", "bae", "rloo"} <= set(chart(test, 0)["data"][0]["x"])
    assert any("gae reads 'values'" in caption.value for caption in test.caption)


def test_confidence_is_held_against_what_was_right(open_page, runs):
    dots = chart(open_page("compare?run=small&question=Confidence"), 0)["data"][1]
    stated = ~open_run(runs / "small").rollouts(3).confidence.isnan()
    assert sum(map(int, dots["text"])) == stated.sum()


def test_estimators_stand_beside_the_truth(open_page, valued):
    test = open_page("compare?run=small")
    assert not test.exception and not test.error
    bars = {bar["name"]: bar["y"] for bar in chart(test, 0)["data"]}
    assert set(bars) <= {NEAREST, FARTHER, SHARED}
    assert "vine" in bars[SHARED]
    assert "true_advantage" not in bars[SHARED]
    assert "grpo" in bars[NEAREST] + bars.get(FARTHER, [])
    assert "Nearest to the truth" in said(test)
    assert test.dataframe[0].value.set_index("estimator").loc["rloo", "unbiased"] == "yes"


def test_another_measure_part_and_estimator(open_page, valued):
    test = open_page("compare?run=small")
    test.selectbox(key="measure").set_value("rmse_scaled").run()
    assert chart(test, 0)["layout"]["title"]["text"] == "Error after the best scale"
    assert "confidence, right before it" in test.selectbox(key="scope").options
    test.selectbox(key="scope").set_value("block 1").run()
    test.selectbox(key="against").set_value("rloo").run()
    test.toggle(key="scaled").set_value(False).run()
    assert not test.exception and not test.error
    assert chart(test, 1)["layout"]["title"]["text"] == "rloo against the truth"
    assert [trace["name"] for trace in chart(test, 1)["data"]] == ["confidence", "estimate = truth"]


def test_values_that_are_written_later_are_seen(open_page, runs, request):
    test = open_page("compare?run=small")
    assert "explorer truth" in test.code[0].value
    request.getfixturevalue("valued")
    assert not test.run().code


def shown(test):
    """What a page shows: its widgets' values and its charts' titles and names of lines."""
    kinds = ("selectbox", "multiselect", "toggle", "button_group")
    values = {one.key: one.value for kind in kinds for one in test.get(kind) if one.key}
    charts = [json.loads(one.proto.spec) for one in test.get("plotly_chart")]
    return values, [(c["layout"].get("title"), [d.get("name") for d in c["data"]]) for c in charts]


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("against=rloo&scaled=false&scope=confidence",
         {"against": "rloo", "scaled": False, "scope": "block 1"}),
        ("question=Noise&noisy=bae&quantity=Noise+scale,+in+prompts",
         {"noisy": ["bae"], "quantity": "noise_scale"}),
        ("question=Noise&noisy=", {"noisy": []}),
        ("curve=Reward&together=true", {"curve": "reward", "together": True}),
    ],
)  # fmt: skip
def test_an_address_holds_every_choice(open_page, valued, address, wanted):
    test = open_page(f"compare?run=small&step=3&{address}")
    assert not test.exception and not test.error
    values, _ = shown(test)
    assert {name: values[name] for name in wanted} == wanted


def test_what_begins_otherwise_on_another_batch_stands_in_the_address(open_page, valued):
    test = open_page("compare?run=small&step=3")
    for question, name in (("Nearest to the truth", "against"), ("Noise", "noisy")):
        test.get("button_group")[0].set_value(question).run()
        values, _ = shown(test)
        assert test.query_params[name] == values[name]
    test.multiselect(key="noisy").set_value(["bae"]).run()
    assert test.query_params["noisy"] == "bae"


@pytest.mark.parametrize("value", ["<script>", "9" * 5000, "nobody"])
@pytest.mark.parametrize("question", ["Nearest to the truth", "Noise"])
def test_an_address_that_means_nothing_gives_what_is_usual(open_page, valued, question, value):
    names = ("against", "scope", "scaled", "measure", "quantity", "curve", "together", "runs")
    usual = shown(open_page(f"compare?run=small&step=3&question={question}"))
    choices = "&".join(f"{name}={value}" for name in names)
    test = open_page(f"compare?run=small&step=3&question={question}&{choices}")
    assert not test.exception and not test.error
    assert shown(test) == usual
