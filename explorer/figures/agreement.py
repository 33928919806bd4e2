"""How well each estimator agrees with the truth."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from explorer.correlation import LESS_IS_NEARER
from explorer.figures.frame import GREY, HUES, frame

MEASURES = {
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "sign": "Share of equal signs",
    "unexplained": "Share of the truth left unexplained",
    "rmse_scaled": "Error after the best scale",
    "rmse": "Error as it is",
}
SHARED = "reads the values that the truth is made of"
NEAREST = "nearest, or not told apart from it"
FARTHER = "farther from the truth"


def agreement(
    rows: Sequence[Mapping[str, Any]],
    measure: str = "pearson",
    scope: str = "all",
    nearest: Collection[str] = (),
) -> go.Figure:
    """One measure of each estimator's agreement with the true advantage, nearest on top.

    The bar is the measure over the tokens of `scope`, the line its 95 % interval by bootstrap over
    prompts. Green: the nearest and those that the batch can not tell apart from it, where
    `nearest` names them. Hollow: it reads the Monte-Carlo values, whose errors are the truth's own,
    so that it looks nearer than it is. `rows` are those of `compare.agreement`; an estimator that
    gives every token the same has no correlation and no bar.
    """
    here = [row for row in rows if row["scope"] == scope and not math.isnan(row[measure])]
    here.sort(key=lambda row: row[measure], reverse=measure in LESS_IS_NEARER)
    told = bool(nearest) or any(row["shares_errors"] for row in here)
    figure = frame(MEASURES[measure], height=110 + 23 * len(here), legend=3 * told)
    kinds = {NEAREST: HUES[0], FARTHER: "rgba(128, 128, 128, 0.75)", SHARED: "rgba(0, 0, 0, 0)"}
    for kind, colour in kinds.items():
        mine = [row for row in here if _kind(row, nearest) == kind]
        if mine:
            _bars(figure, mine, measure, kind if nearest or kind == SHARED else "", colour)
    figure.update_layout(
        barmode="overlay",
        bargap=0.3,
        showlegend=told,
    )
    figure.update_xaxes(gridcolor=GREY, zerolinecolor="grey")
    names = [row["estimator"] for row in here]
    return figure.update_yaxes(
        categoryorder="array", categoryarray=names, showgrid=False, automargin=True
    )


def _kind(row: Mapping[str, Any], nearest: Collection[str]) -> str:
    if row["shares_errors"]:
        return SHARED
    return NEAREST if not nearest or row["estimator"] in nearest else FARTHER


def _bars(
    figure: go.Figure, rows: list[Mapping[str, Any]], measure: str, name: str, colour: str
) -> None:
    value = [row[measure] for row in rows]
    ends = [(row[f"{measure}_low"], row[f"{measure}_high"]) for row in rows]
    figure.add_bar(
        x=value,
        y=[row["estimator"] for row in rows],
        orientation="h",
        name=name,
        showlegend=bool(name),
        marker={"color": colour, "line": {"color": "grey", "width": 1}},
        error_x={
            "array": [high - x for x, (_, high) in zip(value, ends, strict=True)],
            "arrayminus": [x - low for x, (low, _) in zip(value, ends, strict=True)],
            "color": "grey",
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[
            (*pair, row["tokens"], row["prompts"]) for pair, row in zip(ends, rows, strict=True)
        ],
        hovertemplate="%{y}: %{x:.3f}, 95 % from %{customdata[0]:.3f} to %{customdata[1]:.3f}"
        "<br>%{customdata[2]:,} tokens of %{customdata[3]} prompts<extra></extra>",
    )
