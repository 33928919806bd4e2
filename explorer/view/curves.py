"""Curves over training steps as data: what `curves.js` draws, built from the rows of metrics.jsonl.

A figure is {panels: [{title, note, log, percent, crowd, series: [{name, hue, x, y, low?, high?}]}],
at}. `at` is the step that the token view shows, a y of None a gap in the line, and a crowd too many
lines for their intervals to be drawn at once. A quantity that no row holds has no panel.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.noise import t_quantile

Row = Mapping[str, Any]
Point = tuple[float | None, float | None, float | None]  # value, low, high
POINTS = 400  # more than a panel has pixels for
BANDS = 4  # more intervals on top of each other say nothing
INTERVAL = {False: "of one step, 95 % interval", True: "point at a name for its 95 % interval"}

# title, note, share in percent, {name: key of a row}
_LEARNING = (
    ("Accuracy", "share of right answers", True, {"accuracy": "accuracy"}),
    ("Reward", "mean over samples", False, {"all": "reward"}),
    ("Calibration", "lower is better", False, {"Brier": "brier", "ECE": "ece"}),
    ("Entropy", "nats a token", False, {"entropy": "entropy"}),
    ("KL", "from the start, nats a token", False, {"KL": "kl"}),
    ("Zero-advantage groups", "share", True, {"share": "zero_groups"}),
    ("Length", "tokens a completion", False, {"tokens": "length"}),
    ("Gradient norm", "before clipping", False, {"norm": "grad_norm"}),
)


def learning(rows: Sequence[Row], at: int | None = None) -> dict[str, Any]:
    """Learning curves; the reward of each block is drawn beside the reward of the whole."""
    panels = []
    for title, note, percent, keys in _LEARNING:
        if title == "Reward":
            blocks = sorted({key for row in rows for key in row if key.startswith("reward/")})
            keys = keys | {key.removeprefix("reward/"): key for key in blocks}
        lines = {name: [(row["step"], row.get(key), None, None) for row in rows]
                 for name, key in keys.items()}  # fmt: skip
        panels.append(_panel(title, note, lines, percent=percent))
    return _figure(panels, at, "No step is done yet.")


def variance(
    rows: Sequence[Row], at: int | None = None, *, only: Sequence[str] | None = None
) -> dict[str, Any]:
    """Gradient variance, noise scale and signal-to-noise, a line an estimator, 95 % intervals.

    A step at which an estimator was not measured leaves a gap in its line, and so does a noise
    scale without a positive signal, which is infinite. `only` some estimators are drawn, in that
    order; None is all that were measured.
    """
    measured = [row for row in rows if row.get("variance")]
    names = dict.fromkeys(name for row in measured for name in row["variance"])
    drawn = list(names) if only is None else [name for name in only if name in names]

    def panel(title: str, note: str, read: Callable[[Row], Point], log: bool) -> dict[str, Any]:
        lines = {
            name: [(row["step"], *read(row["variance"].get(name, {}))) for row in measured]
            for name in drawn
        }
        return _panel(title, note, lines, log=log, gaps=True)

    panels = [
        panel("Gradient variance", "of one step", _variance, True),
        panel("Noise scale", "prompts for as much signal as noise; – none seen", _scale, True),
        panel("Signal to noise", "of one step", _ratio, False),
    ]
    empty = "No gradient variance has been measured yet."
    if names and not drawn:
        empty = f"Measured for {', '.join(names)} only."
    return _figure(panels, at, empty) | {"wide": True}


def _scale(noise: Row) -> Point:
    return noise.get("noise_scale"), None, None


def _ratio(noise: Row) -> Point:
    return noise.get("snr"), noise.get("low"), noise.get("high")


def _variance(noise: Row) -> Point:
    """The interval is that of the logarithm, by the delta method: a variance is never negative."""
    value, sem = _number(noise.get("variance")), _number(noise.get("variance_sem"))
    if not value or sem is None:
        return value, None, None
    factor = math.exp(t_quantile(noise["groups"] - 1) * sem / value)
    return value, value / factor, value * factor


def _figure(panels: list[dict], at: int | None, empty: str) -> dict[str, Any]:
    return {"panels": [p for p in panels if p["series"]], "at": at, "empty": empty}


def _panel(
    title: str,
    note: str,
    lines: Mapping[str, list],
    *,
    log: bool = False,
    percent: bool = False,
    gaps: bool = False,
) -> dict[str, Any]:
    """`gaps`: a step without a value breaks the line; else it is as if it were not there."""
    series = []
    for place, (name, points) in enumerate(lines.items()):
        known = [p for p in points if _number(p[1]) is not None]
        if not known:
            continue
        x, y, low, high = ([p[i] for p in thinned(points if gaps else known)] for i in range(4))
        one = {"name": name, "hue": place, "x": x, "y": [_number(v) for v in y]}
        if any(_number(v) is not None for v in high):
            one |= {"low": [_number(v) for v in low], "high": [_number(v) for v in high]}
        series.append(one)
    crowd = len(series) > BANDS
    if any("low" in one for one in series):
        note = INTERVAL[crowd]
    return {"title": title, "note": note, "log": log, "percent": percent, "crowd": crowd,
            "series": series}  # fmt: skip


def thinned(points: list) -> list:
    """Every k-th point, counted from the last, so that a long run stays light to draw."""
    every = max(1, math.ceil(len(points) / POINTS))
    return points[::-1][::every][::-1]


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and math.isfinite(value) else None
