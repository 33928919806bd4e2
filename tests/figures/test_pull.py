"""The figure of gradient weights draws what autograd gives, of every objective that has one."""

import pytest
import torch

from explorer import catalog
from explorer.figures.pull import PANELS, pull
from explorer.weights import weights

# What a token weighs there depends on other tokens or on the reference, or there is no advantage.
ELSEWHERE = {"clip_cov", "kl_cov", "dppo_topk", "nce", "kl"}


def test_every_objective_is_shown_whose_weight_is_a_function_of_the_ratio():
    assert {name for name, _ in PANELS.values()} == set(catalog.names("objectives")) - ELSEWHERE


def test_lines_are_the_weights():
    lines = pull({"mine": ("cispo", {"eps_low": 0.5})}).data
    cispo = catalog.load("objectives", "cispo")
    for line, sign in zip(lines, (1.0, -1.0), strict=True):
        ratio = torch.tensor(line.x, dtype=torch.float64)
        assert list(line.y) == weights(cispo, ratio, sign, eps_low=0.5).tolist()


def test_a_line_is_broken_where_the_clip_begins():
    rewarded, punished = pull({"": ("ppo_clip", {})}).data
    (up,) = [x for x, y in zip(rewarded.x, rewarded.y, strict=True) if y is None]
    (down,) = [x for x, y in zip(punished.x, punished.y, strict=True) if y is None]
    assert (up, down) == (pytest.approx(1.2, rel=0.01), pytest.approx(0.8, rel=0.01))


@pytest.mark.parametrize("name", sorted({name for name, _ in PANELS.values()}))
def test_where_nothing_has_moved_every_objective_pulls_with_one(name):
    one = torch.ones(1, dtype=torch.float64)
    for sign in (1.0, -1.0):
        got = weights(catalog.load("objectives", name), one, sign)
        assert got.item() == pytest.approx(1)


def test_an_objective_of_a_group_has_no_weight_of_one_token():
    with pytest.raises(ValueError, match="nce reads 'rewards'"):
        weights(catalog.load("objectives", "nce"), torch.ones(1).double(), 1.0)
