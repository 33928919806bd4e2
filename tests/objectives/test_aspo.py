"""Column ASPO of the table of gradient weights."""

import pytest
from gradient_weight import gradient_weight

from explorer.objectives.aspo import aspo


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (0.1, 1, 3),
        (0.1, -1, 0),
        (0.3, 1, 3),
        (0.5, 1, 2),
        (0.9, 1, 1 / 0.9),
        (0.9, -1, 0.9),
        (1.1, 1, 1 / 1.1),
        (1.5, 1, 0),
        (1.5, -1, 1.5),
        (4, -1, 3),
        (6, -1, 3),
    ],
)
def test_gradient_weights(ratio, advantage, expected):
    assert gradient_weight(aspo, ratio, advantage) == pytest.approx(expected)
