"""The map of likeness shows correlations, like beside like."""

import pytest
import torch

from explorer.figures.likeness import likeness
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


def test_likeness_is_the_correlation_over_sampled_tokens():
    heatmap = likeness(CREDITS, MASK).data[0]
    at = {name: i for i, name in enumerate(heatmap.x)}
    assert heatmap.z[at["a"]][at["same"]] == pytest.approx(1)
    assert heatmap.z[at["a"]][at["opposite"]] == pytest.approx(-1)
    assert heatmap.z[at["a"]][at["level"]] is None
    assert (heatmap.zmin, heatmap.zmax) == (-1, 1)


def test_like_stands_beside_like():
    heatmap = likeness(CREDITS, MASK).data[0]
    assert list(heatmap.x[:2]) == ["a", "same"]
