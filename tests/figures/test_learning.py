"""Learning curves show the steps that have the quantity, and what the seeds leave open."""

import math

import pytest

from explorer.figures.learning import learning
from explorer.noise import t_quantile


def rows(*values):
    return [{"step": step, "brier": value} for step, value in enumerate(values, 1)]


def test_steps_that_lack_the_quantity_are_left_out():
    runs = {"one": [[*rows(0.5, None), {"step": 3}]], "two": [[]], "none": []}
    lines = learning(runs, "brier", "Brier score").data
    assert [(line.name, list(line.x), list(line.y)) for line in lines] == [
        ("one", [1], [0.5]),
        ("two", [], []),
        ("none", [], []),
    ]


def test_several_runs_are_a_mean_and_its_interval():
    band, line = learning({"bae": [rows(0.0, 0.5), rows(1.0, 0.5, 0.25)]}, "brier", "").data
    assert line.name == "bae (mean of 2)"
    assert (list(line.x), list(line.y)) == ([1, 2], [0.5, 0.5])
    reach = t_quantile(1) * math.sqrt(0.5) / math.sqrt(2)
    assert list(band.x) == [1, 2, 2, 1]
    assert list(band.y) == pytest.approx([0.5 + reach, 0.5, 0.5, 0.5 - reach])


def test_a_band_has_the_colour_of_its_line():
    one, two = {"a": [rows(0.0), rows(1.0)]}, {"b": [rows(0.0), rows(1.0)]}
    figure = learning(one | two, "brier", "")
    hue = [int(figure.data[3].line.color[i : i + 2], 16) for i in (1, 3, 5)]
    assert figure.data[2].fillcolor == f"rgba({hue[0]}, {hue[1]}, {hue[2]}, 0.18)"
