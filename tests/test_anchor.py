from statistics import pstdev
from typing import get_args

import pytest

from explorer.anchor import Kind, anchor


@pytest.mark.parametrize("kind", get_args(Kind))
def test_without_a_past_it_is_the_batch_itself(kind):
    assert anchor([], 0.25, kind) == 0.25


@pytest.mark.parametrize("kind", get_args(Kind))
def test_what_never_changes_is_expected(kind):
    assert anchor([0.5] * 30, 0.5, kind) == pytest.approx(0.5)


def test_the_window_has_ten_batches_and_this_one_is_one_of_them():
    assert anchor([1.0, 0.0], 0.5) == 0.5
    assert anchor([100.0, *[0.0] * 9], 5.0) == 0.5


@pytest.mark.parametrize("kind", ["belief", "ema"])
@pytest.mark.parametrize("past", [1, 3, 20])
def test_what_is_drawn_now_was_not_expected_from_itself(kind, past):
    history = [i / past for i in range(past)]
    assert anchor(history, 0.0, kind) == anchor(history, 1.0, kind)


def test_ema_by_hand():
    assert anchor([1.0, 0.0, 1.0], 0.0, "ema") == pytest.approx(0.95 * 0.95 + 0.05)


def test_a_belief_moves_by_the_spread_of_beliefs():
    history = [0.0] * 5 + [1.0] * 5
    beliefs = [sum(history[:k]) / k for k in range(1, 11)]
    eta = pstdev(beliefs)
    assert anchor([*history, 1.0], 0.0, "belief") == pytest.approx((1 - eta) * 0.5 + eta)
