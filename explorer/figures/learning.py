"""Learning curves of several runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from explorer.figures.frame import GREY, frame, stroke


def learning(runs: Mapping[str, Sequence[Mapping[str, Any]]], key: str, title: str) -> go.Figure:
    """One quantity of several runs over the training steps, a line a run."""
    figure = frame(title)
    for place, (name, rows) in enumerate(runs.items()):
        points = [(row["step"], row[key]) for row in rows if row.get(key) is not None]
        figure.add_scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            name=name,
            mode="lines",
            line={**stroke(place), "width": 2},
        )
    return figure.update_xaxes(title="step", showgrid=False).update_yaxes(gridcolor=GREY)
