"""How hard each objective pulls at a token whose probability has moved: small multiples."""

from collections.abc import Mapping
from math import log10
from typing import Any

import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots

from explorer import catalog
from explorer.figures.frame import GREY, MINUS, PLUS, frame
from explorer.types import PerToken
from explorer.weights import weights

Chosen = tuple[str, dict[str, Any]]
PANELS: dict[str, Chosen] = {
    "reinforce": ("reinforce", {}),
    "ppo_clip": ("ppo_clip", {}),
    "ppo_clip, dual clip": ("ppo_clip", {"dual_clip": True}),
    "segment_clip, one token": ("segment_clip", {}),
    "gspo, one token": ("gspo", {}),
    "gmpo, one token": ("gmpo", {}),
    "cispo, interval": ("cispo", {"eps_low": 0.2}),
    "cispo, absolute": ("cispo", {"convention": "absolute"}),
    "aspo": ("aspo", {}),
    "sapo": ("sapo", {}),
    "dppo": ("dppo", {}),
    "dro": ("dro", {}),
}
COLUMNS = 4
LOW, HIGH = 0.1, 6.0  # the ratios that are shown
JUMP = 0.25  # a weight that changes more from one point to the next is not joined


def pull(panels: Mapping[str, Chosen] = PANELS) -> go.Figure:
    """The weight of a token's gradient over its ratio, rewarded tokens blue, punished vermillion.

    The gradient of a token's loss is -w A grad log pi. At a ratio of 1 nothing has moved yet, and
    every objective pulls with w = 1. A line on the floor: the token is let go. Each token was
    sampled with a probability of 0.05 and is a completion by itself.

    Args:
        panels: by their titles, an objective and its settings.
    """
    rows = -(-len(panels) // COLUMNS)
    figure = frame("Weight of the gradient over the ratio, now to then", height=90 + 190 * rows)
    grid = make_subplots(
        rows,
        COLUMNS,
        subplot_titles=list(panels),
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        vertical_spacing=0.28 / rows,
    )
    figure = go.Figure(grid, layout=grid.layout.update(figure.layout.to_plotly_json()))
    ratio = torch.logspace(log10(LOW), log10(HIGH), 601, dtype=torch.float64)
    for place, (name, settings) in enumerate(panels.values()):
        objective = catalog.load("objectives", name)
        for sign, colour, dash in ((1.0, PLUS, "solid"), (-1.0, MINUS, "dash")):
            figure.add_scatter(
                x=ratio.tolist(),
                y=_joined(weights(objective, ratio, sign, **settings)),
                mode="lines",
                name="A > 0" if sign > 0 else "A < 0",
                legendgroup=str(sign),
                showlegend=place == 0,
                line={"color": colour, "width": 2, "dash": dash, "simplify": False},
                hovertemplate="ratio %{x:.2f}: %{y:.2f}",
                row=place // COLUMNS + 1,
                col=place % COLUMNS + 1,
            )
    figure.add_vline(1, line={"color": GREY, "width": 1})
    figure.update_annotations(font_size=13)
    figure.update_layout(legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.14})
    ticks = {"tickvals": [0.1, 0.3, 1, 3, 6], "ticktext": ["0.1", "0.3", "1", "3", "6"]}
    figure.update_xaxes(type="log", showgrid=False, **ticks)
    return figure.update_yaxes(range=[-0.25, 6.2], gridcolor=GREY, zeroline=False)


def _joined(weight: PerToken) -> list[float | None]:
    """The points of a line that is broken where the weight jumps."""
    jumps = torch.diff(weight, prepend=weight[:1]).abs() > JUMP
    return [None if jump else w for w, jump in zip(weight.tolist(), jumps.tolist(), strict=True)]
