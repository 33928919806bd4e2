"""Whether stated confidences are as often right as they say."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from explorer.figures.frame import GREY, HUES, frame


def reliability(rows: Sequence[Mapping[str, float]]) -> go.Figure:
    """Share of right answers against the stated confidence, a dot a bin of a tenth.

    On the dashed line a confidence is true; below it the policy is too sure of itself. The line
    through a dot is its 95 % interval as if completions were independent (Wilson 1927), the dot's
    area grows with the number of completions, which stands beside it. `rows` are those of
    `calibration.reliability`.
    """
    most = max((row["samples"] for row in rows), default=1)
    figure = frame("Stated confidence against share right", height=380)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": "grey", "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[row["confidence"] for row in rows],
        y=[row["right"] for row in rows],
        mode="markers+text",
        text=[f"{row['samples']:.0f}" for row in rows],
        textposition="middle right",
        marker={
            "color": HUES[0],
            "size": [6 + 18 * (row["samples"] / most) ** 0.5 for row in rows],
        },
        error_y={
            "array": [row["right_high"] - row["right"] for row in rows],
            "arrayminus": [row["right"] - row["right_low"] for row in rows],
            "color": HUES[0],
            "thickness": 1.5,
            "width": 0,
        },
        customdata=[(row["right_low"], row["right_high"]) for row in rows],
        hovertemplate="stated %{x:.2f}, right %{y:.2f}"
        "<br>95 % from %{customdata[0]:.2f} to %{customdata[1]:.2f}"
        "<br>%{text} completions<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title="stated confidence", range=[-0.03, 1.09], gridcolor=GREY)
    return figure.update_yaxes(title="share right", range=[-0.05, 1.05], gridcolor=GREY)
