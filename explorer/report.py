"""A table and its figures as one HTML page that needs no network, light or dark as is wanted."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from explorer import printed

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }}
body {{ max-width: 1180px; margin: 0 auto; padding: 24px; color: light-dark(#1f2328, #e6e8eb);
  background: light-dark(#fff, #0e1117); }}
h1 {{ font-size: 1.5rem; margin: 0 0 4px; overflow-wrap: anywhere; }}
p {{ color: light-dark(#59636e, #a3abb5); max-width: 75ch; margin: 0 0 24px; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }}
th, td {{ padding: 4px 14px 4px 0; text-align: left; }}
th {{ border-bottom: 1px solid currentColor; font-weight: 600; }}
td {{ border-bottom: 1px solid light-dark(#e6e8eb, #2a2f37); }}
.number {{ text-align: right; }}
figure {{ margin: 32px 0 0; }}
figcaption {{ color: light-dark(#59636e, #a3abb5); max-width: 75ch; font-size: 0.9rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{note}</p>
<div class="wide">{table}</div>
{figures}
<script>
const dark = matchMedia("(prefers-color-scheme: dark)");
function follow() {{
  for (const figure of document.querySelectorAll(".plotly-graph-div"))
    Plotly.relayout(figure, {{ "font.color": dark.matches ? "#e6e8eb" : "#1f2328" }});
}}
if (window.Plotly) {{ dark.addEventListener("change", follow); follow(); }}
</script>
</body>
</html>
"""


def write(
    path: Path,
    table: Sequence[dict[str, Any]],
    figures: Sequence[tuple[Any, str]],
    *,
    title: str,
    note: str,
) -> None:
    """Write the page.

    Args:
        table: rows with the same keys, as `printed.rows` takes them.
        figures: of Plotly, each with its legend.
        title: above the table.
        note: what has to be known to read it.
    """
    drawn = "".join(_figure(*pair, first=not k) for k, pair in enumerate(figures))
    page = _PAGE.format(title=escape(title), note=escape(note), table=_table(table), figures=drawn)
    path.write_text(page, encoding="utf-8")


def _table(rows: Sequence[dict[str, Any]]) -> str:
    names = list(rows[0]) if rows else []
    right = {name for name in names if all(isinstance(r[name], int | float | None) for r in rows)}
    kind = {name: ' class="number"' if name in right else "" for name in names}
    head = "".join(f'<th scope="col"{kind[name]}>{escape(name)}</th>' for name in names)
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind[n]}>{escape(printed.cell(row[n]))}</td>" for n in names)
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _figure(figure: Any, legend: str, *, first: bool) -> str:
    """Plotly's own script, 4 MB, comes with the first one."""
    drawn = figure.to_html(
        full_html=False,
        include_plotlyjs=first,
        config={"displaylogo": False, "responsive": True},
    )
    return f"<figure>{drawn}<figcaption>{escape(legend)}</figcaption></figure>\n"
