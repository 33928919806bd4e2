"""Sentences of arithmetic: what is true, what follows, what is well formed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import arithmetic
from explorer.task import Problem

PROBLEM = Problem("7+15-4=", "18")


def rewards(text: str) -> tuple:
    return arithmetic.read(PROBLEM, text).step_rewards


def test_worked_by_hand():
    assert arithmetic.sentences(PROBLEM) == ["7+15=22", "22-4=18"]
    solved = arithmetic.sentences(PROBLEM)
    assert arithmetic.check(solved) == "18+4=22"
    assert arithmetic.attempt(solved) == "<reasoning>7+15=22;22-4=18</reasoning><answer>18</answer>"


def test_a_slip_is_carried_on_and_the_check_does_not_come_out():
    slips = iter([0, 2])
    solved = arithmetic.sentences(PROBLEM, slip=lambda: next(slips))
    assert solved == ["7+15=22", "22-4=20"]
    assert arithmetic.attempt(solved).endswith("<answer>20</answer>")
    assert arithmetic.check(solved) == "20+4=24"
    slips = iter([-1, 0])
    assert arithmetic.sentences(PROBLEM, slip=lambda: next(slips)) == ["7+15=21", "21-4=17"]


@given(st.integers(), st.integers(2, 6), st.integers(1, 40))
def test_every_number_lies_in_range_and_the_answer_is_right(seed, terms, largest):
    for problem in arithmetic.problems(seed, 5, terms=terms, largest=largest):
        steps = arithmetic.sentences(problem)
        assert 1 <= len(steps) < terms
        assert all(0 <= int(n) <= largest for s in steps for n in re.findall(r"\d+", s))
        assert eval(problem.prompt.rstrip("=")) == int(problem.answer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a wrong sum that is carried on: the next sentence is true and follows
        (
            "<reasoning>7+15=21;21-4=17</reasoning><answer>17</answer>",
            ((0, 1, 1), (1, 1, 1), (0, 1, 1)),
        ),
        # true, but from nowhere: the result before it was 22
        (
            "<reasoning>7+15=22;20-4=16</reasoning><answer>16</answer>",
            ((1, 1, 1), (1, 0, 1), (0, 1, 1)),
        ),
        # true, but not the prompt's term
        (
            "<reasoning>7+15=22;22+4=26</reasoning><answer>18</answer>",
            ((1, 1, 1), (1, 0, 1), (1, 0, 1)),
        ),
        # a term is left out: the answer follows from the last result, yet not from the prompt
        ("<reasoning>7+15=22</reasoning><answer>22</answer>", ((1, 1, 1), (0, 0, 1))),
        # one sentence too many has no term to go on with
        (
            "<reasoning>7+15=22;22-4=18;18-4=14</reasoning><answer>18</answer>",
            ((1, 1, 1), (1, 1, 1), (1, 0, 1), (1, 0, 1)),
        ),
        # nothing follows from what can not be read
        (
            "<reasoning>7+15;22-4=18</reasoning><answer>18</answer>",
            ((0, 0, 0), (1, 0, 1), (1, 1, 1)),
        ),
        # no opening tag; no closing tag
        ("7+15=22;22-4=18<answer>18</answer>", ((1, 1, 0), (1, 1, 0), (1, 1, 1))),
        # cut off
        ("<reasoning>7+15=22;22-", ((1, 1, 1), (0, 0, 0))),
        ("<reasoning>7+15=22;22-4=18</reasoning><answer>1", ((1, 1, 1), (1, 1, 1), (0, 0, 0))),
        ("", ((0, 0, 0),)),
    ],
)
def test_rewards_of_sentences(text, expected):
    assert rewards(text) == expected


@pytest.mark.parametrize("text", ["", "x</answer>y", "<reasoning>7;;</reasoning><answer>", "；"])
def test_step_ends_tile_what_was_read(text):
    attempt = arithmetic.read(PROBLEM, text)
    assert attempt.step_ends[-1] == attempt.end


def test_an_attempt_may_begin_anywhere():
    text = arithmetic.attempt(arithmetic.sentences(PROBLEM))
    first = arithmetic.read(PROBLEM, text)
    second = arithmetic.read(PROBLEM, "x" * 5 + text, 5)
    assert second.step_rewards == first.step_rewards
    assert second.step_ends == tuple(end + 5 for end in first.step_ends)


@pytest.mark.parametrize("answer", ["", " ", "18.", "1e2", "١٨", "²", "9" * 5000, "--1", "1 8"])
def test_an_answer_is_a_whole_number_or_none(answer):
    assert arithmetic.read(PROBLEM, f"<answer>{answer}</answer>").answer is None
