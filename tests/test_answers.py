"""Answers: what is the same, and what is not even looked into."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.answers import final, same

pytest.importorskip("math_verify")


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("18", "18"),
        (" 18\n", "18"),
        ("18.0", "18"),
        ("1,800", "1800"),
        ("$18", "18"),
        ("18 apples", "18"),
        ("\\boxed{18}", "18"),
        ("0.5", "\\frac{1}{2}"),
        ("\\frac{2}{4}", "1/2"),
        ("50%", "0.5"),
        ("2x+x^2", "x^2+2x"),
        ("(1, 2)", "(1,2)"),
    ],
)
def test_the_same(answer, right):
    assert same(answer, right)


@pytest.mark.parametrize(
    ("answer", "right"), [("17", "18"), ("-18", "18"), ("", ""), ("", "18"), ("?", "18")]
)
def test_not_the_same(answer, right):
    assert not same(answer, right)


HOSTILE = ["9^{9^{9}}", "9^9^9", "9**9**9", "99999999!", "\\int x^x", "9" * 10**6, "(" * 10**6]


@pytest.mark.parametrize("answer", HOSTILE, ids=lambda text: text[:10])
def test_towers_and_factorials_are_compared_as_text(answer):
    began = time.perf_counter()
    assert not same(answer, "18")
    assert same(answer, answer)
    assert time.perf_counter() - began < 1


PIECES = ["9", "99", "x", "\\frac", "\\sqrt", "{", "}", "(", ")", "^", "^{9}", "*", "/", "sin", "="]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text())
def test_no_answer_is_refused(answer):
    began = time.perf_counter()
    assert isinstance(same(answer, "18"), bool)
    assert time.perf_counter() - began < 5  # the first call imports a computer algebra system


def test_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(same("36/2", "18")))
    thread.start()
    thread.join()
    assert found == [True]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("3+4=7, so the answer is 7.", "7"),
        ("\\boxed{1} or \\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
        ("#### 1,234.5", "1,234.5"),
        ("\\boxed{", None),
        ("\\boxed{" + "{" * 10**6, None),
        ("none", None),
        ("", None),
    ],
)
def test_the_final_answer(text, answer):
    assert final(text) == answer
