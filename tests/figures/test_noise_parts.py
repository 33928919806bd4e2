"""Shares of the variance as stacked bars."""

from typing import Any

from explorer.contributions import Part
from explorer.figures.noise_parts import noise_parts

PARTS = {
    "grpo": {"solution": Part(0.25, 0.5), "confidence | right": Part(0.125, 0.125)},
    "bae": {"solution": Part(0.5, -0.25), "confidence | wrong": Part(0.5, 0.25)},
}


def test_every_part_of_every_estimator_is_drawn():
    drawn: Any = noise_parts(PARTS).data
    bars = {(bar.name, bar.marker.pattern.shape): dict(zip(bar.y, bar.x, strict=True))
            for bar in drawn}  # fmt: skip
    assert bars["solution", ""] == {"grpo": 0.25, "bae": 0.5}
    assert bars["solution", "/"] == {"grpo": 0.5, "bae": -0.25}
    assert bars["confidence | wrong", "/"] == {"grpo": 0, "bae": 0.25}
    assert all(sum(own[name] for own in bars.values()) == 1 for name in PARTS)


def test_a_class_has_one_colour_and_one_entry_in_the_legend():
    drawn: Any = noise_parts(PARTS).data
    for name in ("solution", "confidence | right", "confidence | wrong"):
        bars = [bar for bar in drawn if bar.name == name]
        assert len({bar.marker.color for bar in bars}) == 1
        assert [bar.showlegend for bar in bars] == [True, False]
    assert len({bar.marker.color for bar in drawn}) == 3


def test_what_is_taken_away_lies_left_of_zero():
    assert noise_parts(PARTS).layout.barmode == "relative"
