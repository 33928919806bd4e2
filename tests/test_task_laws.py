"""What is true of every task: it can be run on any text, and pays for nothing but what it says."""

import math
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import catalog

TASKS = [catalog.load("tasks", name)() for name in catalog.names("tasks")]
every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
GOLD = [task.gold(problem) for task in TASKS for problem in task.problems(0, 20)]
PIECES = sorted({piece for text in GOLD for piece in re.findall(r"</?[a-z]+>|.", text)})
# Any text, and texts of the pieces that right ones are made of: those get further.
texts = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=60).map(
    "".join
)
numbers = st.integers(0, 30)


def mangled(text: str, here: int, there: int, other: str) -> str:
    """A text with a stretch of it replaced."""
    first, last = sorted((here % (len(text) + 1), there % (len(text) + 1)))
    return text[:first] + other + text[last:]


def check(task, problem, text):
    """A judgement that keeps to the rules of `Judgement`."""
    judgement = task.judge(problem, text)
    assert math.isfinite(judgement.reward)
    blocks = len(task.blocks)
    assert len(judgement.block_starts) == len(judgement.block_rewards) == blocks
    assert len(judgement.outcomes) == blocks
    if blocks:
        assert judgement.block_starts[0] == 0 == judgement.outcomes[0]
        assert list(judgement.block_starts) == sorted(judgement.block_starts)
        assert judgement.block_starts[-1] <= len(text)
        assert all(0 <= outcome < len(task.outcomes) for outcome in judgement.outcomes)
        present = [r for r in judgement.block_rewards if not math.isnan(r)]
        if len(present) == blocks:
            assert judgement.reward == pytest.approx(sum(present))
    ends = judgement.step_ends
    assert len(ends) == len(judgement.step_rewards)
    if ends:
        assert all(a < b for a, b in pairwise(ends))
        assert ends[-1] == len(text)
    for parts in judgement.step_rewards:
        assert len(parts) == len(task.parts)
        assert all(math.isnan(part) or 0 <= part <= 1 for part in parts)
    assert judgement.confidence is None or 0 <= judgement.confidence <= 1
    return judgement


@every_task
@given(numbers)
def test_gold_earns_everything_that_can_be_earned(task, seed):
    (problem,) = task.problems(seed, 1)
    judgement = check(task, problem, task.gold(problem))
    assert judgement.correct
    assert not any(map(math.isnan, judgement.block_rewards))
    assert all(part == 1 or math.isnan(part) for parts in judgement.step_rewards for part in parts)


@every_task
@given(numbers, numbers, numbers, texts)
def test_no_text_is_refused_and_none_earns_more_than_gold(task, seed, here, there, other):
    (problem,) = task.problems(seed, 1)
    gold = task.gold(problem)
    best = task.judge(problem, gold)
    for text in (other, mangled(gold, 7 * here, 7 * there, other)):
        judgement = check(task, problem, text)
        assert judgement.reward <= best.reward + 1e-9


@every_task
@given(numbers, numbers, numbers, texts, texts)
def test_an_outcome_depends_on_what_precedes_it_only(task, seed, here, there, other, instead):
    (problem,) = task.problems(seed, 1)
    text = mangled(task.gold(problem), 7 * here, 7 * there, other)
    judgement = task.judge(problem, text)
    for k, start in enumerate(judgement.block_starts):
        if start < len(text):
            changed = task.judge(problem, text[:start] + instead)
            assert changed.outcomes[k] == judgement.outcomes[k]
            assert changed.block_starts[k] == start
            assert changed.block_rewards[:k] == judgement.block_rewards[:k]


@every_task
def test_long_texts_take_no_longer_than_they_are(task):
    # Quadratic in 400,000 characters would be minutes. One piece alone, then a right beginning.
    (problem,) = task.problems(0, 1)
    for piece in [*PIECES, "<", "\0", "é"]:
        began = time.perf_counter()
        check(task, problem, piece * 20_000)
        check(task, problem, task.gold(problem)[:20] + piece * 20_000)
        assert time.perf_counter() - began < 2


@every_task
def test_problems_are_those_of_their_seed(task):
    assert task.problems(3, 5) == task.problems(3, 5)
    assert len(task.problems(3, 5)) == 5
    assert task.problems(3, 0) == []


@every_task
def test_a_wrong_answer_is_not_correct(task):
    first, *others = task.problems(0, 50)
    other = next(problem for problem in others if problem.answer != first.answer)
    assert not task.judge(first, task.gold(other)).correct
