"""Curves as data, and what axes.js makes of numbers."""

import json
import math
import shutil
import subprocess

import pytest

from explorer.noise import t_quantile
from explorer.view.bundle import FOLDER
from explorer.view.curves import BANDS, INTERVAL, POINTS, learning, thinned, variance

ROWS = [
    {"step": 1, "accuracy": 0.25, "reward": 0.5, "reward/solution": 0.25, "brier": None},
    {"step": 2, "accuracy": 0.5, "reward": 0.75, "reward/solution": 0.5, "brier": None},
]


def panel(figure, title):
    return next(p for p in figure["panels"] if p["title"] == title)


def test_a_quantity_that_no_row_holds_has_no_panel():
    assert [p["title"] for p in learning(ROWS)["panels"]] == ["Accuracy", "Reward"]


def test_the_reward_of_each_block_is_a_line():
    lines = panel(learning(ROWS), "Reward")["series"]
    assert [(s["name"], s["y"]) for s in lines] == [("all", [0.5, 0.75]), ("solution", [0.25, 0.5])]


def test_the_interval_of_the_variance_is_symmetric_in_its_logarithm():
    noise = {"variance": 4.0, "variance_sem": 0.5, "groups": 8, "noise_scale": None, "snr": 0.5,
             "low": 0.25, "high": 0.75}  # fmt: skip
    figure = variance([{"step": 3, "variance": {"bae": noise}}, {"step": 4}])
    line = panel(figure, "Gradient variance")["series"][0]
    assert (line["name"], line["hue"], line["x"]) == ("bae", 0, [3])
    assert math.log(line["high"][0] / 4.0) == pytest.approx(0.125 * t_quantile(7))
    assert line["high"][0] * line["low"][0] == pytest.approx(16.0)
    assert panel(figure, "Signal to noise")["series"][0]["low"] == [0.25]
    assert "Noise scale" not in [p["title"] for p in figure["panels"]]


def test_only_the_estimators_that_are_asked_for_are_drawn():
    rows = [{"step": 1, "variance": {n: {"variance": 2.0} for n in ("bae", "gae", "rloo")}}]
    figure = variance(rows, only=["rloo", "absent", "bae"])
    lines = panel(figure, "Gradient variance")["series"]
    assert [(line["name"], line["hue"]) for line in lines] == [("rloo", 0), ("bae", 1)]
    assert variance(rows, only=["absent"])["empty"] == "Measured for bae, gae, rloo only."


def test_a_variance_without_an_error_has_no_interval():
    figure = variance([{"step": 1, "variance": {"rloo": {"variance": 2.0}}}])
    assert "low" not in panel(figure, "Gradient variance")["series"][0]


def noise(**known):
    return {"variance": 2.0, "variance_sem": 0.5, "groups": 8, "snr": 0.5, "noise_scale": 4.0,
            "low": 0.25, "high": 0.75} | known  # fmt: skip


def test_a_step_without_a_value_is_a_gap():
    rows = [
        {"step": 1, "variance": {"grpo": noise(), "truth": noise()}},
        {"step": 2, "variance": {"grpo": noise()}},
        {"step": 3, "variance": {"grpo": noise(noise_scale=None), "truth": noise()}},
    ]
    lines = panel(variance(rows), "Gradient variance")["series"]
    assert [(s["name"], s["x"], s["y"]) for s in lines] == [
        ("grpo", [1, 2, 3], [2.0, 2.0, 2.0]),
        ("truth", [1, 2, 3], [2.0, None, 2.0]),
    ]
    assert lines[1]["high"][1] is None
    assert panel(variance(rows), "Noise scale")["series"][0]["y"] == [4.0, 4.0, None]


def test_an_interval_is_promised_only_where_it_is_drawn():
    few, many = (
        variance([{"step": 1, "variance": {str(i): noise() for i in range(n)}}])
        for n in (BANDS, BANDS + 1)
    )
    for title in ("Gradient variance", "Signal to noise"):
        assert panel(few, title)["note"] == INTERVAL[False]
        assert (panel(many, title)["note"], panel(many, title)["crowd"]) == (INTERVAL[True], True)
    assert "95 %" not in panel(few, "Noise scale")["note"]


@pytest.mark.parametrize("n", [0, 1, POINTS, POINTS + 1, 7 * POINTS + 3])
def test_a_long_run_is_thinned_and_keeps_its_last_point(n):
    kept = thinned(list(range(n)))
    assert len(kept) <= POINTS
    assert kept[-1:] == list(range(n))[-1:]
    assert len(kept) == n or n > POINTS


def evaluated(expression: str):
    """The value of a JavaScript expression over the functions of axes.js."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    source = (FOLDER / "axes.js").read_text(
        "utf-8"
    ) + f"\nconsole.log(JSON.stringify({expression}))"
    done = subprocess.run(
        [node, "--input-type=module", "-e", source], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_numbers_are_short_and_signed():
    said = evaluated(
        "[0.123456, -2, 12345, 0.00012, 0, null].map((v) => number(v))"
        ".concat([0.042, 0.5, 1].map((v) => number(v, true)))"
    )
    assert said == ["0.123", "−2.00", "12,345", "1.2e-4", "0", "–", "4.2 %", "50 %", "100 %"]


def test_ticks_are_round():
    assert evaluated("ticks(0.1, 0.93, 4)") == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert evaluated("decades(0.3, 2000)") == pytest.approx([1, 10, 100, 1000])
    assert evaluated("decades(3, 30)") == pytest.approx([5, 10, 20])


@pytest.mark.parametrize(
    ("y", "wanted"),
    [([0, 0], [0, 0.1]), ([-1, -1], [-1.1, -0.9]), ([2, 2], [1.8, 2.2]), ([0, 1], [0, 1.06])],
)
def test_an_axis_of_what_is_never_negative_begins_at_zero(y, wanted):
    assert evaluated(f"extent({{series: [{{y: {y}}}]}})") == pytest.approx(wanted)


def test_lines_and_intervals_break_at_a_gap():
    assert evaluated("path([1, 2, 3, 4], [1, 2, null, 4], (v) => v, (v) => v)") == (
        "M1.0 1.0L2.0 2.0M4.0 4.0"
    )
    assert evaluated("alone([1, 2, null, 4, 0], true)") == [3]
    series = "{x: [1, 2, 3, 4], low: [0, 0, null, 0], high: [1, 1, null, 1]}"
    assert evaluated(f"band({series}, (v) => v, (v) => v)") == "M1.0 1.0L2.0 1.0L2.0 0.0L1.0 0.0Z"
