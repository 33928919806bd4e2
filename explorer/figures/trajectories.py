"""The true value of the states that completions pass through."""

import plotly.graph_objects as go

from explorer import peers
from explorer.figures.frame import GREY, MINUS, PLUS, frame
from explorer.types import Rollouts

_NAMES = {True: "ended above the mean of its prompt", False: "ended at it or below"}


def trajectories(rollouts: Rollouts) -> go.Figure:
    """Expected reward after each token, a line a completion; where it jumps, credit is due.

    A dot is a state whose value was measured, the last one the reward that was earned. Lines of
    one prompt begin at the same value. Many that lie on each other look dark.
    """
    assert rollouts.mc_values is not None
    ahead = rollouts.rewards > peers.mean(rollouts.rewards, rollouts.group)
    place, known = peers.position(rollouts.sample), ~rollouts.mc_values.isnan()
    figure = frame("True value along the completions", height=400, legend=1)
    for right, colour in ((True, PLUS), (False, MINUS)):
        x: list[float | None] = []
        y: list[float | None] = []
        for i in (ahead == right).nonzero().flatten().tolist():
            own = rollouts.sample == i
            x += [*place[own & known].tolist(), int(own.sum()), None]
            y += [*rollouts.mc_values[own & known].tolist(), float(rollouts.rewards[i]), None]
        figure.add_scatter(
            x=x,
            y=y,
            name=_NAMES[right],
            mode="lines+markers",
            opacity=0.35,
            marker={"color": colour, "size": 4},
            line={"color": colour, "width": 1},
            hovertemplate="after %{x} tokens: %{y:.3f}<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title="tokens", gridcolor=GREY, zeroline=False)
    return figure.update_yaxes(title="expected reward", gridcolor=GREY, zerolinecolor="grey")
