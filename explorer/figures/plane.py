"""How far each estimator is from the truth, and how noisy its gradient: both on one plane."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer.figures.frame import GREY, HUES, faint, frame

ROUND = 48  # corners of an ellipse
ROOM = 3.0  # the plane ends at this factor beyond the calmest and the noisiest dot
LETTER = 6.6  # pixels
Z = 1.96  # standard errors to either end of a 95 % interval


@dataclass(frozen=True)
class Dot:
    """Where an estimator, or several that differ in their unit only, stand on the plane."""

    names: tuple[str, ...]
    noise: float
    noise_factor: float  # the interval reaches from noise / factor to noise * factor
    distance: float
    low: float  # of distance
    high: float


def plane(rows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Noise of the gradient against distance to the truth, a dot an estimator; left below is best.

        noise = Var(g_A) / slope^2,    slope = A.A* / A*.A*      (A*.A* without its known error)
        distance = min_s |A* - s A|^2 / |A*|^2 = 1 - (A.A*)^2 / (A.A A*.A*)

    Across: the variance of the batch gradient once the estimator is in the truth's unit, so that
    none looks calm because its unit is small. Up: the share of the true advantage's mean square
    that no rescaling of the estimate explains. That is squared bias and the scatter of the
    estimate around its mean together: a proxy of the squared bias, and an upper bound of it. An
    estimator that is told one reward a completion stays near 1 however unbiased it is.

    The ellipse reaches to the ends of both 95 % intervals over prompts, that of the noise from
    the standard errors of variance and slope as if they were independent; the prompts are the same
    for all, so that the dots differ more surely than their ellipses say. Estimators that differ
    only in their unit are one dot. Those that read the Monte-Carlo values share their errors and
    are left out; the dashed line is the noise of the true advantage itself: what a batch of
    prompts leaves even if all credit is exact. `rows` are those of `compare.agreement` with
    `noise`.
    """
    dots = sorted(placed(rows), key=lambda dot: dot.distance)
    figure = frame("Noise and distance to the truth", height=max(380, 130 + 22 * len(dots)))
    hues = [HUES[place % len(HUES)] for place in range(len(dots))]
    for dot, hue in zip(dots, hues, strict=True):
        figure.add_scatter(**_ellipse(dot, hue))
    figure.add_scatter(
        x=[dot.noise for dot in dots],
        y=[dot.distance for dot in dots],
        mode="markers",
        marker={"color": hues, "size": 9},
        customdata=[(", ".join(dot.names), dot.low, dot.high, *_span(dot)) for dot in dots],
        hovertemplate="<b>%{customdata[0]}</b>"
        "<br>distance %{y:.4f}, 95 % from %{customdata[1]:.4f} to %{customdata[2]:.4f}"
        "<br>noise %{x:.3g}, 95 % from %{customdata[3]:.3g} to %{customdata[4]:.3g}<extra></extra>",
    )
    _floor(figure, rows, dots)
    _labels(figure, dots, hues)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(
        type="log",
        title="noise: variance of the gradient in the truth's unit",
        gridcolor=GREY,
        dtick=math.log10(2),
        tickformat=".2~g",
    )
    return figure.update_yaxes(
        title="distance: share of the truth left unexplained", gridcolor=GREY
    )


def placed(rows: Sequence[Mapping[str, Any]]) -> list[Dot]:
    """The dots of the estimators whose variance is known and whose slope is surely above 0."""
    found: dict[tuple[str, str], Dot] = {}
    for row in rows:
        slope, low = row["slope_corrected"], row["slope_corrected_low"]
        if not _known(row) or row["shares_errors"] or not low > 0:
            continue
        error = (row["slope_corrected_high"] - low) / (2 * Z) / slope
        spread = math.hypot(row["variance_sem"] / row["variance"], 2 * error)
        ends = (row[f"unexplained_corrected{end}"] for end in ("", "_low", "_high"))
        dot = Dot((row["estimator"],), row["variance"] / slope**2, math.exp(Z * spread), *ends)
        same = f"{dot.noise:.3g}", f"{dot.distance:.5f}"
        names = found[same].names + dot.names if same in found else dot.names
        found[same] = Dot(names, dot.noise, dot.noise_factor, dot.distance, dot.low, dot.high)
    return list(found.values())


def _known(row: Mapping[str, Any]) -> bool:
    return row["scope"] == "all" and math.isfinite(row.get("variance", math.nan))


def _span(dot: Dot) -> tuple[float, float]:
    return dot.noise / dot.noise_factor, dot.noise * dot.noise_factor


def _ellipse(dot: Dot, hue: str) -> dict[str, Any]:
    """Four quarters of ellipses, since the intervals need not be symmetric."""
    angles = [2 * math.pi * i / ROUND for i in range(ROUND + 1)]
    up, down = dot.high - dot.distance, dot.distance - dot.low
    return {
        "x": [dot.noise * dot.noise_factor ** math.cos(a) for a in angles],
        "y": [dot.distance + math.sin(a) * (up if math.sin(a) > 0 else down) for a in angles],
        "mode": "lines",
        "line": {"width": 0.5, "color": hue},
        "fill": "toself",
        "fillcolor": faint(hue, 0.04),
        "hoverinfo": "skip",
    }


def _floor(figure: go.Figure, rows: Sequence[Mapping[str, Any]], dots: Sequence[Dot]) -> None:
    """The noise that the true advantage has itself, as a line as high as the dots."""
    for row in rows:
        if row["estimator"] == "true_advantage" and _known(row) and dots:
            figure.add_scatter(
                x=[row["variance"]] * 2,
                y=[min(dot.low for dot in dots), max(dot.high for dot in dots)],
                mode="lines+text",
                text=["", "true advantage"],
                textposition="top center",
                name="true advantage",
                line={"color": "grey", "width": 1.5, "dash": "dash"},
                hovertemplate="noise of the true advantage %{x:.3g}<extra></extra>",
            )


def _labels(figure: go.Figure, dots: Sequence[Dot], hues: Sequence[str]) -> None:
    """Names in a column on the right, in the order of the dots, each with a line to its own in its
    colour."""
    if not dots:
        return
    low, high = min(dot.low for dot in dots), max(dot.high for dot in dots)
    left, right = min(dot.noise for dot in dots) / ROOM, max(dot.noise for dot in dots) * ROOM
    names = [", ".join(dot.names) for dot in dots]
    places = [low + (high - low) * (i + 0.5) / len(dots) for i in range(len(dots))]
    for dot, y, hue in zip(dots, places, hues, strict=True):
        figure.add_scatter(
            x=[dot.noise, right],
            y=[dot.distance, y],
            mode="lines",
            line={"color": faint(hue, 0.6), "width": 1},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[right] * len(dots),
        y=places,
        mode="text",
        text=names,
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[math.log10(left), math.log10(right)])
    figure.update_layout(margin_r=8 + LETTER * max(map(len, names)))
