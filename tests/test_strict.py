"""Strict JSON, however deep the number lies."""

import json
import math

import pytest

from explorer import strict


def refuse(constant):
    raise ValueError(constant)


def test_what_is_not_finite_is_null():
    value = {"a": math.nan, "b": [1.5, math.inf, {"c": -math.inf}], "d": (None, "NaN", 7)}
    parsed = json.loads(strict.dumps(value), parse_constant=refuse)
    assert parsed == {"a": None, "b": [1.5, None, {"c": None}], "d": [None, "NaN", 7]}


def test_a_reader_that_refuses_would_notice():
    with pytest.raises(ValueError, match="NaN"):
        json.loads(json.dumps([math.nan]), parse_constant=refuse)
