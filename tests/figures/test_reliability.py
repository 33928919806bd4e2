"""The reliability diagram shows its bins, their intervals and how much stands behind them."""

from explorer.figures.reliability import reliability

ROWS = [
    {"confidence": 0.25, "right": 0.5, "samples": 4.0, "right_low": 0.125, "right_high": 0.75},
    {"confidence": 1.0, "right": 0.75, "samples": 16.0, "right_low": 0.5, "right_high": 1.0},
]


def test_dots_are_bins():
    line, dots = reliability(ROWS).data
    assert (list(line.x), list(line.y)) == ([0, 1], [0, 1])
    assert (list(dots.x), list(dots.y)) == ([0.25, 1.0], [0.5, 0.75])
    assert list(dots.error_y.array) == [0.25, 0.25]
    assert list(dots.error_y.arrayminus) == [0.375, 0.25]
    assert list(dots.text) == ["4", "16"]
    assert dots.marker.size[0] < dots.marker.size[1]


def test_no_bins_leave_the_line():
    assert len(reliability([]).data[1].x or ()) == 0
