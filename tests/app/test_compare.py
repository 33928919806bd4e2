"""The page that compares estimators and runs, and the tables behind it."""

import json

import made

from app import needs
from app.compare import GRAINS
from explorer import catalog, readme


def chart(test, which):
    return json.loads(test.get("plotly_chart")[which].proto.spec)


def test_the_page_is_drawn_from_a_run(open_page, runs):
    made.run(runs / "other", steps=2, estimator="grpo")
    test = open_page("compare?run=small&runs=small&runs=other")
    assert not test.exception and not test.error
    assert {"grpo", "bae", "rloo"} <= set(chart(test, 0)["data"][0]["x"])
    assert set(chart(test, 1)["data"][0]["y"]) == {"grpo", "bae"}
    assert [line["name"] for line in chart(test, 2)["data"]] == ["small", "other"]
    assert any("gae reads 'values'" in caption.value for caption in test.caption)


def test_every_estimator_has_a_place_in_the_map(open_page):
    page = " ".join(str(h.proto.body) for h in open_page("compare?run=small").get("html"))
    for name in catalog.names("estimators"):
        assert f"run=small&amp;estimator={name}" in page


def test_the_table_is_that_of_the_readme():
    rows = readme.estimators()
    assert set(rows) == set(catalog.names("estimators"))
    assert {row["granularity"] for row in rows.values()} <= set(GRAINS)
    assert rows["bae"]["granularity"] == "block"


def test_the_dearest_field_decides():
    assert needs.need(["rewards", "group"]) == "rewards"
    assert needs.need(["rewards", "values", "logprobs"]) == "a critic"
    assert needs.costs(["rewards", "mc_values"]) == [
        "mc_values: several completions from each position"
    ]
