"""The empty figure that all others start from, and the colours that they share.

Blue stands for plus and vermillion for minus, as in the token view. Backgrounds are left to the
host, so a figure sits on a light page and on a dark one.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

MINUS, PLUS = "#D55E00", "#0072B2"
HUES = ("#0a9a76", "#cf8a10", "#b54fb0", "#5b8fa8", "#9c6a4e", "#858585")
GREY = "rgba(128, 128, 128, 0.35)"
TICKS = 44  # pixels of an axis, with its title


def frame(title: str, height: int = 320, *, legend: int = 0) -> go.Figure:
    """A figure with a title and nothing in it.

    Args:
        legend: lines that it takes below the figure where that is narrow, so that the title has
            the top to itself; 0 leaves it at the side.
    """
    clear = "rgba(0, 0, 0, 0)"
    figure = go.Figure(layout={"paper_bgcolor": clear, "plot_bgcolor": clear})
    margin = {"l": 8, "r": 8, "t": 52, "b": 8}
    if legend:
        place = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
        figure.update_layout(legend=place)
        margin["b"] += 20 * legend + TICKS
        height += 20 * legend
    return figure.update_layout(title={"text": title, "x": 0}, height=height, margin=margin)


def stroke(place: int) -> dict[str, str]:
    """Colour and dash of the line at a place in a list: hues first, then dashes."""
    dash = ("solid", "dash", "dot")[place // len(HUES) % 3]
    return {"color": HUES[place % len(HUES)], "dash": dash}


def veil(
    figure: go.Figure, x: Sequence[float], low: Sequence[float], high: Sequence[float], place: int
) -> None:
    """Lay the band of an interval behind the line at a place in a list, in its colour."""
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=faint(HUES[place % len(HUES)]),
        hoverinfo="skip",
        showlegend=False,
    )


def faint(colour: str, alpha: float = 0.18) -> str:
    """A colour, #rrggbb, through which lines are seen."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha})"
