"""Figures: what they show is what was measured."""

import pytest
import torch

from explorer import figures
from explorer.types import Credit


def credit(*advantage):
    target = torch.tensor(advantage, dtype=torch.float64)
    return Credit(target=target, baseline=torch.zeros_like(target))


CREDITS = {
    "a": credit(1, 0, -1, 9),
    "same": credit(2, 0, -2, -9),
    "level": credit(1, 1, 1, 1),
    "opposite": credit(-1, 0, 1, 0),
}
MASK = torch.tensor([True, True, True, False])


def test_agreement_is_the_correlation_over_sampled_tokens():
    heatmap = figures.agreement(CREDITS, MASK).data[0]
    at = {name: i for i, name in enumerate(heatmap.x)}
    assert heatmap.z[at["a"]][at["same"]] == pytest.approx(1)
    assert heatmap.z[at["a"]][at["opposite"]] == pytest.approx(-1)
    assert heatmap.z[at["a"]][at["level"]] is None
    assert (heatmap.zmin, heatmap.zmax) == (-1, 1)


def test_like_stands_beside_like():
    heatmap = figures.agreement(CREDITS, MASK).data[0]
    assert list(heatmap.x[:2]) == ["a", "same"]


def test_noise_is_sorted_and_its_bars_are_the_interval():
    rows = {
        "worse": {"snr": 0.25, "low": 0.0, "high": 0.5},
        "better": {"snr": 1.0, "low": 0.5, "high": 1.75},
        "unknown": {"snr": None},
    }
    dots = figures.noise(rows).data[0]
    assert list(dots.y) == ["worse", "better"]
    assert list(dots.error_x.array) == [0.25, 0.75]
    assert list(dots.error_x.arrayminus) == [0.25, 0.5]


def test_an_interval_that_is_not_known_has_no_length():
    dots = figures.noise({"a": {"snr": 0.5}}).data[0]
    assert (list(dots.error_x.array), list(dots.error_x.arrayminus)) == ([0], [0])


def test_learning_leaves_out_the_steps_that_lack_the_quantity():
    runs = {"one": [{"step": 1, "brier": 0.5}, {"step": 2, "brier": None}, {"step": 3}], "two": []}
    lines = figures.learning(runs, "brier", "Brier score").data
    assert [(line.name, list(line.x), list(line.y)) for line in lines] == [
        ("one", [1], [0.5]),
        ("two", [], []),
    ]
