"""Where the noise of the gradient sits, by block and stratum."""

from collections.abc import Mapping

import plotly.graph_objects as go

from explorer.contributions import Part
from explorer.figures.frame import GREY, HUES, frame

HERE = tuple(HUES[i] for i in (0, 2, 5, 4))  # none that looks like the vermillion or blue of signs


def noise_parts(parts: Mapping[str, Mapping[str, Part]]) -> go.Figure:
    """Shares of the gradient's variance, a bar an estimator: each colour one block and stratum,
    plain what its tokens would add one by one, hatched what they add by agreeing with others.
    Left of the line is noise that tokens take from each other."""
    names = list(parts)
    classes = list(dict.fromkeys(key for own in parts.values() for key in own))
    figure = frame("Where the noise sits", height=150 + 26 * len(names)).update_layout(margin_t=76)
    for place, key in enumerate(classes):
        for which, pattern in (("own", ""), ("shared", "/")):
            figure.add_bar(
                x=[getattr(parts[name][key], which) if key in parts[name] else 0 for name in names],
                y=names,
                name=key,
                orientation="h",
                legendgroup=key,
                showlegend=which == "own",
                marker={
                    "color": HERE[place % len(HERE)],
                    "pattern": {"shape": pattern, "fgopacity": 0.9, "size": 6},
                    "line": {"width": 0},
                },
                hovertemplate=f"%{{y}}, {key}, {WORDS[which]}: %{{x:.1%}}<extra></extra>",
            )
    figure.update_layout(barmode="relative", bargap=0.35, legend={"orientation": "h", "y": 1.0,
                         "yanchor": "bottom", "x": 0, "traceorder": "normal"})  # fmt: skip
    figure.add_vline(0, line={"color": "grey", "width": 1})
    figure.update_xaxes(gridcolor=GREY, tickformat=".0%", title=AXIS)
    return figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)


AXIS = "share of the variance; plain: token by token, hatched: by agreeing with others"
WORDS = {"own": "token by token", "shared": "by agreeing with others"}
