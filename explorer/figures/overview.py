"""The map of estimators: what each one needs, how fine its credit is, and what it costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import plotly.graph_objects as go

from explorer import needs
from explorer.figures.frame import GREY, HUES, frame
from explorer.needs import Place

TALL = 6  # names that stand below each other before a second row of names begins
LINE = 19  # pixels
GAP = 4  # between columns, in letters
MARGIN = 22.0  # for what is needed, in letters
PALE = "#858585"
TITLE = "What credit needs, and how fine it is"
LEGEND = (
    "down: from cheap to dear · ● the expected gradient is true, up to a constant, ○ it is not · "
    "below a name: its forward passes"
)

Cells = Mapping[tuple[str, str], Sequence[Place]]


@dataclass(frozen=True)
class _Word:
    """A text and where its upper left corner is, in letters and lines."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class _Column:
    """Where the names of a granularity stand, in letters."""

    left: float
    width: float  # of each row of names
    names: int  # rows of names beside each other

    @property
    def right(self) -> float:
        return self.left + self.names * self.width


def overview(*, link: Callable[[str], str] = lambda n: f"explorer/estimators/{n}.py") -> go.Figure:
    """Every estimator in its place, each name a link.

    Across: the coarsest part in which all tokens get the same advantage. Down: the dearest of what
    it needs, from cheap to dear. Under a name: the forward passes that it takes beyond sampling and
    one update; N is how many continuations a value is the mean of. A full dot: the expected
    gradient is the true one, or a constant times it, in a world small enough to enumerate.

    Args:
        link: the address that a name leads to, from where the page is served; Plotly follows no
            other. Else the estimator's file, from the project's root.
    """
    cells = needs.cells()
    columns = _columns(cells)
    words = [_Word(column.left, 0, f"<b>{grain}</b>") for grain, column in columns.items()]
    rules, top = [], 1.5
    for need in needs.NEEDS:
        rules.append(top - 0.25)
        words.append(_Word(0, top, f"<b>{need}</b>"))
        bottom = top + 1
        for grain, column in columns.items():
            down = [top] * column.names
            for i, place in enumerate(cells.get((need, grain), ())):
                row = i // TALL
                left = column.left + row * column.width
                words.append(_Word(left, down[row], _text(place, link(place.name))))
                down[row] += _lines(place)
            bottom = max(bottom, *down)
        top = bottom + 0.5
    return _drawn(words, rules, max(column.right for column in columns.values()), top)


def _drawn(words: list[_Word], rules: list[float], right: float, bottom: float) -> go.Figure:
    """On the paper: over axes lies a layer for dragging that would take the links' clicks."""
    figure = frame(f'{TITLE}<br><span style="font-size:12px">{LEGEND}</span>')
    corner = {"xanchor": "left", "yanchor": "top", "align": "left", "showarrow": False}
    paper = {"xref": "paper", "yref": "paper"}
    for word in words:
        x, y = word.x / right, 1 - word.y / bottom
        figure.add_annotation(x=x, y=y, text=word.text, **corner, **paper)
    for rule in rules:
        y = 1 - rule / bottom
        line = {"color": GREY, "width": 1}
        figure.add_shape(type="line", x0=0, x1=1, y0=y, y1=y, line=line, **paper)
    figure.update_layout(height=int(84 + LINE * bottom), margin_t=76)
    nowhere = {"visible": False, "domain": [0, 0.001]}
    return figure.update_xaxes(nowhere).update_yaxes(nowhere)


def _columns(cells: Cells) -> dict[str, _Column]:
    columns, left = {}, MARGIN
    for grain in needs.GRAINS:
        here = [places for (_, g), places in cells.items() if g == grain]
        names = max((ceil(len(places) / TALL) for places in here), default=1)
        longest = max((_letters(p) for places in here for p in places), default=0)
        columns[grain] = _Column(left, max(len(grain) / names, longest) + GAP, names)
        left = columns[grain].right
    return columns


def _letters(place: Place) -> int:
    return max(len(place.name), len(place.passes) if _lines(place) > 1 else 0)


def _lines(place: Place) -> int:
    return 1 if place.passes == "0" else 2


def _text(place: Place, address: str) -> str:
    true = not place.unbiased.startswith("no")
    dot = f'<span style="color:{HUES[0]}">●</span>' if true else "○"
    text = f'{dot} <a href="{address}" target="_self" style="color:inherit">{place.name}</a>'
    if _lines(place) > 1:
        text += f'<br><span style="color:{PALE};font-size:11px">    {place.passes}</span>'
    return text
