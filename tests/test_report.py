"""A page is one file that asks nobody for anything, and its labels are only text."""

import re
from html.parser import HTMLParser

from explorer import report
from explorer.figures.learning import learning

HOSTILE = "<script>alert(1)</script>&amp;"
ROWS = [
    {"name": HOSTILE, "x": 0.123456, "n": 7, "y": "0.5 ±0.1"},
    {"name": "b", "x": float("nan"), "n": None, "y": None},
]


class Seen(HTMLParser):
    """Tags in order, their attributes, and the text of table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href") and v]
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells and "table" in self.tags and "figure" not in self.tags:
            self.cells[-1] += data.strip()


def page(tmp_path, figures=()):
    report.write(tmp_path / "out.html", ROWS, figures, title=HOSTILE, note="A & B")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    seen = Seen()
    seen.feed(text)
    return text, seen


def test_cells_are_text(tmp_path):
    _, seen = page(tmp_path)
    table = seen.cells[:12]
    assert table[:5] == ["name", "x", "n", "y", HOSTILE]
    assert table[5:8] == ["0.123", "7", "0.5 ±0.1"]
    assert table[8:11] == ["b", "", ""]
    assert seen.tags.count("script") == 1  # its own


def test_figures_come_with_their_script_once_and_ask_for_nothing(tmp_path):
    drawn = learning({HOSTILE: [[{"step": 1, "reward": 0.5}]]}, "reward", "Reward")
    text, seen = page(tmp_path, [(drawn, "First <b>"), (drawn, "Second")])
    assert seen.links == []
    assert text.count("plotly.js v") == 1
    assert text.count("Plotly.newPlot(") >= 2
    assert "First &lt;b&gt;" in text
    assert HOSTILE not in text
    assert not re.search(r"@import|url\(", text[: text.index("<body>")])


def test_light_and_dark(tmp_path):
    text, _ = page(tmp_path)
    assert "color-scheme: light dark" in text and "prefers-color-scheme: dark" in text


def test_no_rows(tmp_path):
    report.write(tmp_path / "out.html", [], [], title="t", note="n")
    assert "<table>" in (tmp_path / "out.html").read_text()
