"""Learning curves on the page, seeds together or apart."""

import json

import made

from app.learnt import grouped
from explorer.runs import Run, open_run


def run(estimator, seed, lr=0.25):
    return Run(made.Path("nowhere"), {"estimator": estimator, "seed": seed, "created": 0.0,
                                      "config": {"lr": lr, "seed": seed}})  # fmt: skip


def test_runs_that_differ_in_their_seed_are_one_line():
    runs = {"a": run("bae", 0), "b": run("bae", 1), "c": run("grpo", 0)}
    assert grouped(runs, True) == {"bae": ["a", "b"], "c": ["c"]}
    assert list(grouped(runs, False)) == ["a", "b", "c"]


def test_runs_with_other_settings_are_other_lines():
    runs = {
        "a": run("bae", 0),
        "b": run("bae", 1),
        "c": run("bae", 0, 0.5),
        "d": run("bae", 1, 0.5),
    }
    assert list(grouped(runs, True)) == ["bae, as a", "bae, as c"]


def test_the_page_draws_them(open_page, runs):
    made.run(runs / "other", steps=2, estimator="grpo")
    test = open_page("compare?run=small&runs=small&runs=other&question=Alike")
    lines = json.loads(test.get("plotly_chart")[-1].proto.spec)["data"]
    assert [line["name"] for line in lines] == ["small", "other"]
    assert lines[0]["x"] == [row["step"] for row in open_run(runs / "small").metrics()]
