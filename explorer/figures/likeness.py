"""How alike the advantages of estimators are."""

from collections.abc import Mapping

import plotly.graph_objects as go
from torch import Tensor

from explorer.figures.frame import MINUS, PLUS, frame
from explorer.types import Credit


def likeness(credits: Mapping[str, Credit], mask: Tensor) -> go.Figure:
    """Correlation of two estimators' advantages over the sampled tokens.

    Blue agree, vermillion oppose, white know nothing of each other; no colour where an estimator
    gives every token the same. Like stands beside like.
    """
    advantages = {name: credit.advantage[mask].double() for name, credit in credits.items()}
    names = _chain(advantages)
    table = [[_correlation(advantages[a], advantages[b]) for b in names] for a in names]
    figure = frame("Agreement of advantages", height=140 + 22 * len(names))
    figure.add_heatmap(
        x=names,
        y=names,
        z=table,
        zmin=-1,
        zmax=1,
        colorscale=[[0, MINUS], [0.5, "#ffffff"], [1, PLUS]],
        xgap=1,
        ygap=1,
        colorbar={"title": "correlation", "thickness": 12, "len": 0.6},
        hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
    )
    figure.update_xaxes(tickangle=-45, showgrid=False, automargin=True)
    return figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)


def _correlation(a: Tensor, b: Tensor) -> float | None:
    a, b = a - a.mean(), b - b.mean()
    norm = float(a.norm() * b.norm())
    return float(a @ b) / norm if norm > 0 else None


def _chain(advantages: Mapping[str, Tensor]) -> list[str]:
    """Names in an order in which each is followed by the one most like it that is left."""
    left = list(advantages)
    order = left[:1]
    left = left[1:]
    while left:
        last = advantages[order[-1]]
        nearest = max(left, key=lambda name: _correlation(last, advantages[name]) or -2.0)
        order.append(nearest)
        left.remove(nearest)
    return order
