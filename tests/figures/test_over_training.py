"""Noise over training: a line an estimator, gaps where nothing is known, bands where they fit."""

import math

import pytest

from explorer.figures.over_training import BANDS, over_training
from explorer.noise import t_quantile

FACTOR = math.exp(t_quantile(3) / 64)


def noise(variance, scale, snr):
    ends = {"low": snr - 0.5, "high": snr + 0.5}
    return {"variance": variance, "noise_scale": scale, "snr": snr, **ends} | {
        "variance_sem": variance / 64,
        "groups": 4,
    }


ROWS = [
    {"step": 1, "variance": {"grpo": noise(2.0, 8.0, 0.5), "bae": noise(1.0, 4.0, 1.0)}},
    {"step": 2},
    {"step": 3, "variance": {"grpo": noise(4.0, None, -0.25)}},
]


def lines(figure):
    return {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}


def bands(figure):
    return [trace for trace in figure.data if trace.fill == "toself"]


def test_lines_are_what_was_measured():
    found = lines(over_training(ROWS, ["grpo", "bae"], "variance"))
    assert (list(found["grpo"].x), list(found["grpo"].y)) == ([1, 3], [2.0, 4.0])
    assert list(found["bae"].y) == [1.0, None]


def test_no_signal_is_a_gap():
    figure = over_training(ROWS, ["grpo"], "noise_scale")
    assert list(lines(figure)["grpo"].y) == [8.0, None]
    assert figure.layout.yaxis.type == "log"
    assert bands(figure) == []


@pytest.mark.parametrize(
    ("quantity", "low", "high"),
    [
        ("snr", [0.0, -0.75], [1.0, 0.25]),
        ("variance", [2 / FACTOR, 4 / FACTOR], [2 * FACTOR, 4 * FACTOR]),
    ],
)
def test_bands_are_intervals(quantity, low, high):
    (band,) = bands(over_training(ROWS, ["grpo"], quantity))
    assert list(band.x) == [1, 3, 3, 1]
    assert list(band.y) == pytest.approx([*high, *reversed(low)])


def test_a_band_is_as_broken_as_its_line():
    drawn = bands(over_training([*ROWS, ROWS[0] | {"step": 4}], ["bae"], "snr"))
    assert [list(band.x) for band in drawn] == [[1, 1], [4, 4]]


def test_many_lines_have_no_bands():
    row = {"step": 1, "variance": {str(i): noise(1.0, 1.0, 1.0) for i in range(BANDS + 1)}}
    names = list(row["variance"])
    assert bands(over_training([row], names, "snr")) == []
    assert len(bands(over_training([row], names[:BANDS], "snr"))) == BANDS
