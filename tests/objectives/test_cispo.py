"""Columns CISPO verl and CISPO TRL of the table of gradient weights."""

import pytest
from gradient_weight import gradient_weight

from explorer.objectives.cispo import cispo


@pytest.mark.parametrize(
    ("ratio", "advantage", "interval", "absolute"),
    [
        (0.1, 1, 0.8, 0.1),
        (0.1, -1, 0.8, 0.1),
        (0.3, 1, 0.8, 0.3),
        (0.5, 1, 0.8, 0.5),
        (0.9, 1, 0.9, 0.9),
        (0.9, -1, 0.9, 0.9),
        (1.1, 1, 1.1, 1.1),
        (1.5, 1, 1.2, 1.5),
        (1.5, -1, 1.2, 1.5),
        (4, -1, 1.2, 4),
        (6, -1, 1.2, 5),
    ],
)
def test_gradient_weights(ratio, advantage, interval, absolute):
    assert gradient_weight(cispo, ratio, advantage, eps_low=0.2) == pytest.approx(interval)
    got = gradient_weight(cispo, ratio, advantage, convention="absolute")
    assert got == pytest.approx(absolute)


def test_the_paper_has_no_lower_bound():
    assert gradient_weight(cispo, 0.1, 1) == pytest.approx(0.1)
