"""Estimate against truth: the dots are the tokens, the best scale is the least squares'."""

import pytest
import torch

from explorer.figures.scatter import MOST, best_scale, scatter

TRUTH = torch.tensor([1.0, torch.nan, -1.0, 0.5])
ESTIMATE = torch.tensor([2.0, 9.0, -2.0, 1.0])


def test_dots_are_the_tokens_that_have_a_truth():
    dots = scatter(ESTIMATE, TRUTH, name="grpo").data[0]
    assert list(dots.x) == [1.0, -1.0, 0.5]
    assert list(dots.y) == [2.0, -2.0, 1.0]


def test_the_best_scale_lays_a_multiple_of_the_truth_on_the_line():
    figure = scatter(ESTIMATE, TRUTH, name="grpo", scaled=True)
    assert figure.data[0].x == figure.data[0].y
    assert figure.layout.title.text == "0.5 × grpo against the truth"


def test_the_best_scale_leaves_the_least_error():
    draw = torch.Generator().manual_seed(0)
    x, y = torch.randn(50, generator=draw), torch.randn(50, generator=draw)
    best = best_scale(x, y)
    least = (best * x - y).square().sum()
    assert all((s * x - y).square().sum() > least for s in (best - 0.01, best + 0.01))
    assert best_scale(torch.zeros(3), torch.ones(3)) == 0


def test_text_of_tokens_is_data():
    pieces = ["<b>\n", "", "%{x}", "&"]
    dots = scatter(ESTIMATE, TRUTH, name="grpo", pieces=pieces).data[0]
    assert list(dots.customdata) == ["&lt;b&gt;↵", "%{x}", "&amp;"]


def test_parts_have_hues_of_their_own():
    figure = scatter(ESTIMATE, TRUTH, name="bae", part=["b", "b", "a", "a"])
    first, second, line = figure.data
    assert (first.name, list(first.x)) == ("a", [-1.0, 0.5])
    assert (second.name, list(second.x)) == ("b", [1.0])
    assert first.marker.color != second.marker.color
    assert (line.x, line.y) == ((-1.0, 1.0), (-1.0, 1.0))


def test_of_very_many_tokens_some_are_drawn():
    many = torch.arange(MOST + 500.0)
    dots = scatter(many, many, name="rloo").data[0]
    assert len(dots.x) == len(set(dots.x)) == MOST
    assert max(dots.x) > MOST  # not the first ones
    assert dots.x == scatter(many, many, name="rloo").data[0].x


@pytest.mark.parametrize("tokens", [0, 1])
def test_few_tokens_are_drawn_too(tokens):
    nothing = torch.full((1,), torch.nan)
    figure = scatter(torch.ones(1), torch.ones(1) if tokens else nothing, name="rloo")
    assert sum(len(trace.x) for trace in figure.data if trace.mode == "markers") == tokens
