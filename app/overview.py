"""The map of estimators: what each one needs, how fine its credit is, and a way to its page."""

from html import escape
from urllib.parse import urlencode

import streamlit as st

from explorer import needs
from explorer.needs import GRAINS, NEEDS, Place

STYLE = """<style>
.map { container-type: inline-size; }
.map table { border-collapse: collapse; width: 100%; line-height: 1.55; font-size: 0.875rem; }
.map th, .map td { text-align: left; vertical-align: top; padding: 0.4rem 0.7rem 0.4rem 0; }
.map tr + tr { border-top: 1px solid rgba(128, 128, 128, 0.3); }
.map th { font-weight: 600; }
.map ul { list-style: none; margin: 0; padding: 0; }
.map ul.many { columns: 10rem 2; column-gap: 1rem; }
.map li { margin: 0; font-size: 0.875rem; white-space: nowrap; break-inside: avoid; }
.map a { color: inherit; text-underline-offset: 3px; text-decoration-color: #8888; }
.map a:hover, .map a:focus { text-decoration-color: currentColor; }
.map small { display: block; padding-left: 1.1em; opacity: 0.7; }
.map .dot { display: inline-block; width: 1.1em; }
.map .true { color: #0a9a76; }
@container (max-width: 46rem) {
  .map :is(table, tbody, tr, th, td) { display: block; }
  .map tr:first-child, .map td:empty { display: none; }
  .map td::before { content: attr(data-grain); display: block; font-size: 0.8rem; opacity: 0.8; }
  .map td { padding-left: 1.1rem; }
  .map :is(ul, ul.many) { columns: 9.5rem auto; }
}
</style>"""
MANY = 6  # names in a cell before they take two columns


def overview(run: str, *, opened: bool) -> None:
    """Every estimator in its place, with the forward passes that it takes below its name.

    Args:
        opened: whether it is seen at once.
    """
    cells = needs.cells()
    head = "<td></td>" + "".join(f'<th scope="col">{grain}</th>' for grain in GRAINS)
    rows = "".join(
        f'<tr><th scope="row">{need}</th>'
        + "".join(_cell(cells.get((need, grain), []), grain, run) for grain in GRAINS)
        + "</tr>"
        for need in NEEDS
    )
    with st.expander("What credit needs, and how fine it is", opened, icon=":material/map:"):
        st.html(f'{STYLE}<div class="map"><table><tr>{head}</tr>{rows}</table></div>')
        st.caption(
            "One number for each completion, block, step, segment or token; from cheap to dear. "
            ":green[●] the expected gradient is the true one, up to a constant; ○ it is not. "
            "Below a name: its forward passes beyond sampling and one update; N continuations "
            "from each state."
        )


def _cell(places: list[Place], grain: str, run: str) -> str:
    items = "".join(f"<li>{_item(place, run)}</li>" for place in places)
    many = ' class="many"' if len(places) > MANY else ""
    return f'<td data-grain="{grain}"><ul{many}>{items}</ul></td>' if places else "<td></td>"


def _item(place: Place, run: str) -> str:
    true = not place.unbiased.startswith("no")
    kind, sign = ("dot true", "●") if true else ("dot", "○")
    dot = f'<span class="{kind}" aria-hidden="true">{sign}</span>'
    notes = [place.sentence, place.why, f"Unbiased: {place.unbiased}"]
    note = escape("\n".join(note for note in notes if note))
    address = escape(f"estimators?{urlencode({'run': run, 'estimator': place.name})}")
    text = f'{dot}<a href="{address}" target="_self" title="{note}">{place.name}</a>'
    return text if place.passes == "0" else f"{text}<small>{place.passes}</small>"
