"""Learning curves: runs of a kind together, with the band that their seeds leave open."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from explorer.figures.frame import GREY, frame, stroke, veil
from explorer.noise import t_quantile

Rows = Sequence[Mapping[str, Any]]  # of one run's metrics.jsonl


def learning(groups: Mapping[str, Sequence[Rows]], key: str, title: str) -> go.Figure:
    """One quantity over the training steps, a line a group of runs.

    The line is the mean over the runs of a group, at the steps that all of them have. From two runs
    on the band is the mean's 95 % interval over runs, by Student's t: wide for few seeds.
    """
    figure = frame(title)
    for place, (name, runs) in enumerate(groups.items()):
        found = [{row["step"]: row[key] for row in r if row.get(key) is not None} for r in runs]
        steps = sorted(set.intersection(*(set(run) for run in found))) if found else []
        values = [[run[step] for run in found] for step in steps]
        mean = [statistics.fmean(v) for v in values]
        if len(runs) > 1:
            reach = [_reach(v) for v in values]
            low = [m - r for m, r in zip(mean, reach, strict=True)]
            high = [m + r for m, r in zip(mean, reach, strict=True)]
            veil(figure, steps, low, high, place)
        figure.add_scatter(
            x=steps,
            y=mean,
            name=name if len(runs) < 2 else f"{name} (mean of {len(runs)})",
            mode="lines",
            line={**stroke(place), "width": 2},
        )
    figure.update_layout(showlegend=True)
    return figure.update_xaxes(title="step", showgrid=False).update_yaxes(gridcolor=GREY)


def _reach(values: Sequence[float]) -> float:
    """Half the width of the 95 % interval of a mean."""
    return t_quantile(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
