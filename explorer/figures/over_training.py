"""The noise of each estimator's gradient while the model learns."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from explorer.figures.frame import GREY, frame, stroke, veil
from explorer.noise import t_quantile

QUANTITIES = {
    "variance": "Variance of the gradient",
    "noise_scale": "Noise scale, in prompts",
    "snr": "Signal to noise of the gradient",
}
LOGARITHMIC = {"variance", "noise_scale"}
BANDS = 3  # more of them hide each other


def over_training(
    rows: Sequence[Mapping[str, Any]], estimators: Sequence[str], quantity: str = "variance"
) -> go.Figure:
    """Noise of the gradient under chosen estimators over the training steps, a line an estimator.

    variance: of the batch gradient, in the estimator's own unit squared, so a smaller one may only
    be a smaller unit. noise_scale: prompts whose batch has as much noise as signal; a gap where no
    signal was seen. snr: signal over variance, free of the unit. With up to three estimators the
    band is the 95 % interval over prompts of snr, and of the variance's logarithm. `rows` are those
    of metrics.jsonl, all estimators on the same rollouts.
    """
    figure = frame(QUANTITIES[quantity], height=360)
    measured = [row for row in rows if row.get("variance")]
    for place, name in enumerate(estimators):
        mine = [(row["step"], row["variance"].get(name, {})) for row in measured]
        ends = [(step, *(_ends(noise, quantity) or ())) for step, noise in mine]
        for known, run in groupby(ends, lambda end: len(end) == 3):
            if known and len(estimators) <= BANDS:
                steps, low, high = zip(*run, strict=True)
                veil(figure, steps, low, high, place)
        figure.add_scatter(
            x=[step for step, _ in mine],
            y=[noise.get(quantity) for _, noise in mine],
            name=name,
            mode="lines+markers",
            marker={"size": 4},
            line={**stroke(place), "width": 2},
            hovertemplate="%{fullData.name}, step %{x}: %{y:.3g}<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title="step", showgrid=False)
    scale = "log" if quantity in LOGARITHMIC else "linear"
    figure.update_yaxes(type=scale, gridcolor=GREY, exponentformat="power")
    return figure.update_yaxes(dtick=1) if scale == "log" else figure


def _ends(noise: Mapping[str, Any], quantity: str) -> tuple[float, float] | None:
    """The interval over prompts; None where it is not known."""
    if quantity == "snr" and noise.get("low") is not None:
        return noise["low"], noise["high"]
    if quantity == "variance" and noise.get("variance_sem") is not None and noise["variance"] > 0:
        reach = t_quantile(noise["groups"] - 1) * noise["variance_sem"] / noise["variance"]
        return noise["variance"] / math.exp(reach), noise["variance"] * math.exp(reach)
    return None
