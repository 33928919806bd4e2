"""Rows for people and for programs."""

import json
import math

from explorer import printed

ROWS = [
    {"name": "[bold]x", "size": 1234.5678, "share": math.nan, "count": 7},
    {"name": "y", "size": math.inf, "share": 0.25, "count": None},
]


def refuse(constant):
    raise ValueError(constant)


def test_json_is_strict_and_has_every_key(capsys):
    printed.rows(ROWS, as_json=True)
    assert json.loads(capsys.readouterr().out, parse_constant=refuse) == [
        {"name": "[bold]x", "size": 1234.5678, "share": None, "count": 7},
        {"name": "y", "size": None, "share": 0.25, "count": None},
    ]


def test_no_rows_are_a_list_too(capsys):
    printed.rows([], as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_people_get_three_digits_and_no_markup(capsys):
    printed.rows(ROWS, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    first = next(line for line in lines if "[bold]x" in line)
    assert first.split() == ["[bold]x", "1.23e+03", "7"]


def test_thinned_keeps_the_first_and_the_last():
    table = [{"step": i, "other": 0} for i in range(100)]
    thin = printed.thinned(table, ("step", "missing"), 5)
    assert [row["step"] for row in thin] == [0, 25, 50, 74, 99]
    assert thin[0] == {"step": 0, "missing": None}


def test_few_rows_are_all_kept():
    table = [{"step": i} for i in range(3)]
    assert printed.thinned(table, ("step",)) == table


def test_an_interval_folds_into_one_column():
    names = ("name", "x", "x_low", "x_high", "y", "under", "over")
    values = [
        ("a", 0.5, 0.25, 0.75, 1.0, 0.0, 4.0),
        ("b", math.nan, 0.0, 1.0, None, 0.0, 0.0),
        ("c", 2.0, 0.0, math.inf, 3.0, 0.0, math.nan),
    ]
    rows = [dict(zip(names, row, strict=True)) for row in values]
    assert printed.folded(rows, {"y": ("under", "over")}) == [
        {"name": "a", "x": "0.5 ±0.25", "y": "1 ±2"},
        {"name": "b", "x": None, "y": None},
        {"name": "c", "x": "2 ±inf", "y": "3"},
    ]
    assert printed.folded([]) == []
