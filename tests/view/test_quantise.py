"""Levels: the sign is exact, the error at most half a step, and the scale holds 99 of 100."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explorer.view.quantise import MASKED, dequantise, quantise


@given(arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32)))
def test_sign_is_exact_and_zero_is_only_zero(value):
    strip, limit, beyond = quantise(value, np.ones(len(value), bool))
    known = ~np.isnan(value)
    assert (strip[~known] == MASKED).all()
    assert (np.sign(strip[known]) == np.sign(value[known])).all()
    inside = known & (np.abs(value) <= limit)
    error = np.abs(dequantise(strip, limit) - value.astype(np.float64))[inside]
    assert (error <= limit / 254 * (1 + 1e-5)).all()
    assert set(beyond) == set(np.flatnonzero(known & ~inside))


def test_a_value_that_underflows_keeps_its_sign():
    value = np.array([1e-45, -1e-45, 0.0, 1e38], np.float32)
    strip, *_ = quantise(value, np.ones(4, bool), 1e38)
    assert strip.tolist() == [1, -1, 0, 127]


def test_scale_holds_99_of_100():
    value = np.concatenate([np.zeros(900), np.arange(1, 101)]).astype(np.float32)
    _, limit, beyond = quantise(value, np.ones(1000, bool))
    assert limit == 99
    assert beyond.tolist() == [999]


def test_all_zero_has_scale_one():
    _, limit, _ = quantise(np.zeros(3, np.float32), np.ones(3, bool))
    assert limit == 1


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, -1.0, 3.0, math.inf]), st.integers(1, 900))))
def test_runs_have_the_scale_that_their_tokens_have(runs):
    value = np.repeat([x for x, _ in runs], [n for _, n in runs]).astype(np.float32)
    given_credit = np.arange(len(value)) % 7 != 3
    _, limit, _ = quantise(value, given_credit)
    sizes = sorted(abs(x) for x in value[given_credit].tolist() if x and math.isfinite(x))
    assert limit == (sizes[math.ceil(0.99 * len(sizes)) - 1] if sizes else 1)


@given(st.integers(1, 5000), st.integers(0, 2**32 - 1), st.sampled_from([2, 50, 10**6]))
def test_many_numbers_have_the_scale_that_sorting_finds(n, seed, different):
    value = np.random.default_rng(seed).integers(1, different, n, endpoint=True).astype(np.float32)
    _, limit, _ = quantise(value, np.ones(n, bool))
    assert limit == np.sort(value)[math.ceil(0.99 * n) - 1]
