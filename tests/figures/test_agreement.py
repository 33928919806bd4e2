"""Bars of agreement: what is drawn is what was measured, nearest on top."""

import math

import pytest

from explorer.correlation import LESS_IS_NEARER
from explorer.figures.agreement import FARTHER, MEASURES, NEAREST, SHARED, agreement


def row(estimator, value, *, scope="all", shares_errors=False):
    found = {"estimator": estimator, "scope": scope, "tokens": 8.0, "prompts": 2.0}
    for measure in MEASURES:
        found |= {measure: value, f"{measure}_low": value - 0.25, f"{measure}_high": value + 0.5}
    return found | {"shares_errors": shares_errors}


ROWS = [
    row("near", 0.5),
    row("far", 0.25),
    row("part", 0.125, scope="block 0"),
    row("level", math.nan),
    row("vine", 0.75, shares_errors=True),
]


def test_bars_and_their_intervals():
    bar = agreement(ROWS[:2]).data[0]
    assert list(zip(bar.y, bar.x, strict=True)) == [("far", 0.25), ("near", 0.5)]
    assert list(bar.error_x.array) == [0.5, 0.5]
    assert list(bar.error_x.arrayminus) == [0.25, 0.25]
    assert tuple(bar.customdata[0]) == (0.0, 0.75, 8.0, 2.0)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_nearest_is_on_top(measure):
    order = agreement(ROWS, measure).layout.yaxis.categoryarray
    expected = ("vine", "near", "far") if measure in LESS_IS_NEARER else ("far", "near", "vine")
    assert order == expected


def test_colours_say_what_can_be_told_apart():
    bars = {bar.name: list(bar.y) for bar in agreement(ROWS, nearest=["near"]).data}
    assert bars == {NEAREST: ["near"], FARTHER: ["far"], SHARED: ["vine"]}


def test_another_part_of_the_batch():
    assert list(agreement(ROWS, scope="block 0").data[0].y) == ["part"]
