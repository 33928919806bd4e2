"""How noisy the gradient is under each estimator."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from explorer.figures.frame import GREY, HUES, TICKS, frame


def noise(rows: Mapping[str, Mapping[str, Any]]) -> go.Figure:
    """Signal-to-noise of each estimator's gradient: the dot the estimate, the bar its 95 %
    interval over prompts. To the right is better; left of the line no signal was seen."""
    known = {name: row for name, row in rows.items() if row.get("snr") is not None}
    order = sorted(known, key=lambda name: known[name]["snr"])
    value = [known[name]["snr"] for name in order]
    figure = frame("Signal to noise of the gradient", height=90 + TICKS + 24 * len(order))
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
    figure.update_xaxes(
        gridcolor=GREY, title="signal over noise of the batch's gradient, both squared"
    )
    return figure.update_yaxes(showgrid=False, automargin=True)


def _reach(row: Mapping[str, Any], end: str) -> float:
    """How far the interval reaches; 0 where it is not known."""
    return abs(row[end] - row["snr"]) if row.get(end) is not None else 0.0
