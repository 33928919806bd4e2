"""The plane of noise and distance: where the dots are, and who has none."""

import math

import pytest

from explorer.figures.plane import ROOM, placed, plane


def row(estimator, *, slope=0.5, variance=0.25, distance=0.75, shares_errors=False, **more):
    found = {"estimator": estimator, "scope": "all", "shares_errors": shares_errors}
    found |= {f"slope_corrected{end}": slope for end in ("", "_low", "_high")}
    ends = {"": distance, "_low": distance - 0.125, "_high": distance + 0.25}
    found |= {f"unexplained_corrected{end}": value for end, value in ends.items()}
    return found | {"variance": variance, "variance_sem": 0.0} | more


def test_noise_is_in_the_unit_of_the_truth():
    (dot,) = placed([row("grpo", slope=0.5, variance=0.25)])
    assert dot.noise == 1.0  # 1/4 over 1/2 squared
    assert (dot.distance, dot.low, dot.high) == (0.75, 0.625, 1.0)


def test_the_interval_of_the_noise_is_of_both_its_parts():
    slope = {"slope_corrected_low": 0.5 - 1.96 / 64, "slope_corrected_high": 0.5 + 1.96 / 64}
    (dot,) = placed([row("grpo", variance_sem=3 / 64, **slope)])
    # relative errors: 3/16 of the variance, twice 1/32 of the slope
    assert dot.noise_factor == pytest.approx(math.exp(1.96 * math.hypot(3 / 16, 1 / 16)))


def test_the_same_in_another_unit_is_the_same_dot():
    dots = placed([row("rloo"), row("bae", distance=0.5), row("twice", slope=1.0, variance=1.0)])
    assert [dot.names for dot in dots] == [("rloo", "twice"), ("bae",)]


def test_what_is_not_known_has_no_dot():
    lacking = row("vine")
    del lacking["variance"]
    aimless = row("aimless", slope_corrected_low=-0.125)
    drowned = row("drowned", slope_corrected_low=math.nan)
    assert placed([lacking, aimless, drowned, row("part", scope="block 0")]) == []
    assert placed([row("vine", shares_errors=True)]) == []


def test_the_noise_of_the_truth_itself_is_a_line():
    figure = plane([row("rloo"), row("true_advantage", variance=0.125, shares_errors=True)])
    (line,) = [trace for trace in figure.data if trace.name == "true advantage"]
    assert (list(line.x), list(line.y)) == ([0.125, 0.125], [0.625, 1.0])


def test_ellipses_reach_to_the_ends_of_the_intervals():
    figure = plane([row("grpo", variance_sem=1 / 4)])
    ellipse = figure.data[0]
    factor = math.exp(1.96)
    assert (min(ellipse.x), max(ellipse.x)) == pytest.approx((1 / factor, factor))
    assert (min(ellipse.y), max(ellipse.y)) == pytest.approx((0.625, 1.0))


def test_every_dot_has_its_name_beside_it():
    figure = plane([row("rloo"), row("bae", distance=0.5), row("twice", slope=1.0, variance=1.0)])
    dots = next(trace for trace in figure.data if trace.mode == "markers")
    names = next(trace for trace in figure.data if trace.mode == "text")
    assert list(dots.y) == [0.5, 0.75]
    assert list(names.text) == ["bae", "rloo, twice"]
    assert names.y[0] < names.y[1]
    assert len(set(dots.marker.color)) == 2  # neighbours are told apart
    assert 10 ** figure.layout.xaxis.range[1] == pytest.approx(max(names.x)) == max(dots.x) * ROOM


def test_nothing_known_is_an_empty_plane():
    assert all(len(trace.x or ()) == 0 for trace in plane([]).data)
