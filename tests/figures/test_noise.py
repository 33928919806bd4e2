"""Dots of the noise are what was measured, bars their intervals."""

from explorer.figures.noise import noise


def test_dots_are_sorted_and_bars_are_the_interval():
    rows = {
        "worse": {"snr": 0.25, "low": 0.0, "high": 0.5},
        "better": {"snr": 1.0, "low": 0.5, "high": 1.75},
        "unknown": {"snr": None},
    }
    dots = noise(rows).data[0]
    assert list(dots.y) == ["worse", "better"]
    assert list(dots.error_x.array) == [0.25, 0.75]
    assert list(dots.error_x.arrayminus) == [0.25, 0.5]
    assert "signal" in noise(rows).layout.xaxis.title.text


def test_an_interval_that_is_not_known_has_no_length():
    dots = noise({"a": {"snr": 0.5}}).data[0]
    assert (list(dots.error_x.array), list(dots.error_x.arrayminus)) == ([0], [0])
