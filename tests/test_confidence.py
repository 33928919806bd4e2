"""Confidence: what counts as stated, and that honesty earns most."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.confidence import earned, stated

SETTINGS = {"clip": 0.01, "unparsed": -1.0}


@pytest.mark.parametrize("text", ["0", "1", "0.5", ".5", "1.0", "0.125"])
def test_stated(text):
    assert stated(f"<confidence>{text}</confidence>", 0) == float(text)


@pytest.mark.parametrize("text", ["", "1.5", "-0.1", "nan", "inf", "0,8", "1e-1", "٠.٥", "0.8 "])
def test_not_stated(text):
    assert stated(f"<confidence>{text}</confidence>", 0) is None


def test_the_first_one_after_the_start_counts():
    text = "<confidence>0.1</confidence><confidence>0.2</confidence>"
    assert stated(text, 0) == 0.1
    assert stated(text, 1) == 0.2
    assert stated("<confidence>x</confidence>" + text, 0) is None


def test_by_hand():
    assert earned(0.75, True, rule="brier", **SETTINGS) == -0.0625
    assert earned(0.75, False, rule="brier", **SETTINGS) == -0.5625
    assert earned(0.5, True, rule="bce", **SETTINGS) == math.log(0.5)
    assert earned(1.0, False, rule="bce", **SETTINGS) == math.log(0.01)
    assert earned(None, True, rule="bce", **SETTINGS) == -1.0


@pytest.mark.parametrize("rule", ["brier", "bce"])
@given(st.integers(1, 9), st.integers(0, 10))
def test_nothing_earns_more_than_the_truth(rule, tenths, other):
    def expected(said):
        p = tenths / 10
        right, wrong = (earned(said, c, rule=rule, **SETTINGS) for c in (True, False))
        return p * right + (1 - p) * wrong

    assert expected(tenths / 10) >= expected(other / 10) - 1e-12
