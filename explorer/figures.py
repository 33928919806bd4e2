"""Figures of what is finished, in Plotly; what still moves is drawn by view/curves.js.

Blue stands for plus and vermillion for minus, as in the token view. Backgrounds are left to the
host, so a figure sits on a light page and on a dark one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from explorer.types import Credit

MINUS, PLUS = "#D55E00", "#0072B2"
HUES = ("#0a9a76", "#cf8a10", "#b54fb0", "#5b8fa8", "#9c6a4e", "#858585")
GREY = "rgba(128, 128, 128, 0.35)"


def learning(runs: Mapping[str, Sequence[Mapping[str, Any]]], key: str, title: str) -> go.Figure:
    """One quantity of several runs over the training steps, a line a run."""
    figure = _figure(title)
    for place, (name, rows) in enumerate(runs.items()):
        points = [(row["step"], row[key]) for row in rows if row.get(key) is not None]
        figure.add_scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            name=name,
            mode="lines",
            line={"color": HUES[place % len(HUES)], "width": 2, "dash": _dash(place)},
        )
    return figure.update_xaxes(title="step", showgrid=False).update_yaxes(gridcolor=GREY)


def noise(rows: Mapping[str, Mapping[str, Any]]) -> go.Figure:
    """Signal-to-noise of each estimator's gradient: the dot the estimate, the bar its 95 %
    interval over prompts. To the right is better; left of the line no signal was seen."""
    known = {name: row for name, row in rows.items() if row.get("snr") is not None}
    order = sorted(known, key=lambda name: known[name]["snr"])
    value = [known[name]["snr"] for name in order]
    figure = _figure("Signal to noise of the gradient", height=90 + 24 * len(order))
    figure.add_scatter(
        x=value,
        y=order,
        mode="markers",
        marker={"color": HUES[0], "size": 9},
        error_x={
            "array": [_reach(known[name], "high") for name in order],
            "arrayminus": [_reach(known[name], "low") for name in order],
            "color": HUES[0],
            "thickness": 1.5,
            "width": 0,
        },
        hovertemplate="%{y}: %{x:.3g}<extra></extra>",
    )
    figure.add_vline(0, line={"color": "grey", "width": 1})
    return figure.update_xaxes(gridcolor=GREY).update_yaxes(showgrid=False, automargin=True)


def agreement(credits: Mapping[str, Credit], mask: Tensor) -> go.Figure:
    """Correlation of two estimators' advantages over the sampled tokens.

    Blue agree, vermillion oppose, white know nothing of each other; no colour where an estimator
    gives every token the same. Like stands beside like.
    """
    advantages = {name: credit.advantage[mask].double() for name, credit in credits.items()}
    names = _chain(advantages)
    table = [[_correlation(advantages[a], advantages[b]) for b in names] for a in names]
    figure = _figure("Agreement of advantages", height=140 + 22 * len(names))
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


def _figure(title: str, height: int = 320) -> go.Figure:
    clear = "rgba(0, 0, 0, 0)"
    figure = go.Figure(layout={"paper_bgcolor": clear, "plot_bgcolor": clear})
    margin = {"l": 8, "r": 8, "t": 52, "b": 8}
    return figure.update_layout(title={"text": title, "x": 0}, height=height, margin=margin)


def _dash(place: int) -> str:
    return ("solid", "dash", "dot")[place // len(HUES) % 3]


def _reach(row: Mapping[str, Any], end: str) -> float:
    """How far the interval reaches; 0 where it is not known."""
    return abs(row[end] - row["snr"]) if row.get(end) is not None else 0.0


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
