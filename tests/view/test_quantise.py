"""Levels: the sign is exact, the error at most half a step, and the scale holds 99 of 100."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explorer.view.quantise import MASKED, Given, Strip, dequantise, quantise, widths


def quantised(value: np.ndarray, mask: np.ndarray | None = None, scale=None) -> Strip:
    return quantise(value, Given.to(np.ones(len(value), bool) if mask is None else mask), scale)


def levels(strip: Strip, n: int) -> np.ndarray:
    if strip.start is None:
        return strip.level
    return np.repeat(strip.level, widths(strip.start, n))


@given(arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32)))
def test_sign_is_exact_and_zero_is_only_zero(value):
    found = quantised(value)
    strip, limit = levels(found, len(value)), found.scale
    known = ~np.isnan(value)
    assert found.masked == np.count_nonzero(~known)
    assert (strip[~known] == MASKED).all()
    assert (np.sign(strip[known]) == np.sign(value[known])).all()
    inside = known & (np.abs(value) <= limit)
    error = np.abs(dequantise(strip, limit) - value.astype(np.float64))[inside]
    assert (error <= limit / 254 * (1 + 1e-5)).all()
    assert set(found.beyond) == set(np.flatnonzero(known & ~inside))


def test_a_value_that_underflows_keeps_its_sign():
    value = np.array([1e-45, -1e-45, 0.0, 1e38], np.float32)
    assert quantised(value, scale=1e38).level.tolist() == [1, -1, 0, 127]


def test_scale_holds_99_of_100():
    value = np.concatenate([np.zeros(900), np.arange(1, 101)]).astype(np.float32)
    found = quantised(value)
    assert found.scale == 99
    assert found.beyond.tolist() == [999]


def test_all_zero_has_scale_one():
    assert quantised(np.zeros(3, np.float32)).scale == 1
    assert quantised(np.zeros(0, np.float32)).scale == 1


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, -1.0, 3.0, math.inf]), st.integers(1, 900))))
def test_runs_have_the_scale_that_their_tokens_have(runs):
    value = np.repeat([x for x, _ in runs], [n for _, n in runs]).astype(np.float32)
    given_credit = np.arange(len(value)) % 7 != 3
    found = quantised(value, given_credit)
    sizes = sorted(abs(x) for x in value[given_credit].tolist() if x and math.isfinite(x))
    assert found.scale == (sizes[math.ceil(0.99 * len(sizes)) - 1] if sizes else 1)
    assert ((levels(found, len(value)) == MASKED) == ~given_credit).all()
    assert found.masked == np.count_nonzero(~given_credit)
    assert (
        found.beyond.tolist()
        == np.flatnonzero(given_credit & (np.abs(value) > np.float32(found.scale))).tolist()
    )


@given(st.integers(1, 5000), st.integers(0, 2**32 - 1), st.sampled_from([2, 50, 10**6]))
def test_many_numbers_have_the_scale_that_sorting_finds(n, seed, different):
    value = np.random.default_rng(seed).integers(1, different, n, endpoint=True).astype(np.float32)
    assert quantised(value).scale == np.sort(value)[math.ceil(0.99 * n) - 1]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.5, -1.0, math.nan]), st.integers(1, 40)), min_size=1
    ),
    st.integers(2, 9),
)
def test_runs_and_tokens_have_the_same_levels(runs, every):
    value = np.repeat([x for x, _ in runs], [n for _, n in runs]).astype(np.float32)
    mask = np.arange(len(value)) // 30 % every != 1
    by_runs = quantised(value, mask, 2.0)
    apart = np.where(np.arange(len(value)) % 2, np.float32(3.0), value)  # no two alike
    by_tokens = quantised(apart, mask, 2.0)
    even = np.arange(len(value)) % 2 == 0
    assert (levels(by_runs, len(value))[even] == levels(by_tokens, len(value))[even]).all()
