"""One estimator's advantages against the true ones, token by token."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
import torch

from explorer.figures.frame import GREY, HUES, frame
from explorer.glyphs import visible
from explorer.types import PerToken

MOST = 3000  # dots: what a browser draws at once


def scatter(
    estimate: PerToken,
    truth: PerToken,
    *,
    name: str,
    scaled: bool = False,
    pieces: Sequence[str] | None = None,
    part: Sequence[str] | None = None,
    seed: int = 0,
) -> go.Figure:
    """An estimator's advantage of each token against the true one; on the dashed line they agree.

    A dot is a token, see-through, so that many look dark; a hue is a `part` of the completion.
    Tokens without a true advantage (NaN) are left out, and of more than 3,000 a random 3,000 are
    drawn. An estimator with one number for a completion makes level rows of dots: it can not
    tell its tokens apart.

    Args:
        scaled: on, the estimate is first multiplied by the number that brings it nearest to the
            truth, s = A.A* / A.A over all tokens; off, it is shown in its own unit.
        pieces: the text of each token, for the hover.
        seed: of the choice of dots.
    """
    scale = best_scale(estimate, truth) if scaled else 1.0
    places = _drawn(~truth.isnan(), seed)
    x, y = truth[places].tolist(), (scale * estimate[places]).tolist()
    texts = [escape(visible(pieces[i])) if pieces else "token" for i in places]
    parts = [part[i] if part else "" for i in places]
    times = f"{scale:.3g} × " if scaled else ""
    figure = frame(f"{times}{name} against the truth", height=460, legend=1)
    for hue, kind in zip(HUES * 2, dict.fromkeys(sorted(parts)), strict=False):
        mine = [i for i, p in enumerate(parts) if p == kind]
        figure.add_scatter(
            x=[x[i] for i in mine],
            y=[y[i] for i in mine],
            mode="markers",
            name=kind,
            showlegend=bool(kind),
            marker={"color": hue, "size": 6, "opacity": 0.35},
            customdata=[texts[i] for i in mine],
            hovertemplate="<b>%{customdata}</b><br>true %{x:.3f}, estimate %{y:.3f}<extra></extra>",
        )
    _identity(figure, x, y)
    figure.update_xaxes(title="true advantage", gridcolor=GREY, zerolinecolor="grey")
    return figure.update_yaxes(title=f"{times}estimate", gridcolor=GREY, zerolinecolor="grey")


def best_scale(estimate: PerToken, truth: PerToken) -> float:
    """The number that, multiplied by the estimate, leaves the least squared error to the truth.

    0 if the estimate is zero everywhere.
    """
    known = ~truth.isnan()
    x, y = estimate[known].double(), truth[known].double()
    square = float(x @ x)
    return float(x @ y) / square if square else 0.0


def _drawn(known: torch.Tensor, seed: int) -> list[int]:
    """The places of known tokens, or of a random MOST of them in their order."""
    places = known.nonzero().flatten()
    if len(places) > MOST:
        draw = torch.Generator().manual_seed(seed)
        places = places[torch.randperm(len(places), generator=draw)[:MOST]].sort().values
    return places.tolist()


def _identity(figure: go.Figure, x: list[float], y: list[float]) -> None:
    """The line on which estimate and truth are the same, as far as both reach."""
    low, high = max(min(x, default=0), min(y, default=0)), min(max(x, default=0), max(y, default=0))
    figure.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        name="estimate = truth",
        line={"color": "grey", "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )
