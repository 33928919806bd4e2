"""The grid: walks, walls, what is seen, and states that repeat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.task import Problem
from explorer.tasks.grid import grid

TASK = grid()
#   1 2 3
# 1 . # G
# 2 . . .
# 3 S # .
PROBLEM = Problem("1,3>3,1#2,1#2,3:", "3,1")


def walk(moves, problem=PROBLEM, task=TASK) -> str:
    """The text of a walk: each move with what the world says to it."""
    text = ""
    for move in moves:
        text += f"<move>{move}</move>"
        text += task.world.reply(problem, text) or ""
    return text


@pytest.mark.parametrize(
    ("moves", "seen"),
    [
        ("N", "<see>1,2</see>"),
        ("E", "<see>1,3</see>"),  # a wall
        ("S", "<see>1,3</see>"),  # the edge
        ("NEENS", None),  # at the goal: nothing follows, whatever is done next
        ("", "<see>1,3</see>"),
    ],
)
def test_the_world_says_where_one_is(moves, seen):
    assert TASK.world.reply(PROBLEM, "".join(f"<move>{m}</move>" for m in moves)) == seen


def test_the_gold_way_is_shortest():
    assert TASK.gold(PROBLEM) == walk("NEEN")
    assert TASK.world.gold(PROBLEM) == [f"<move>{m}</move>" for m in "NEEN"]


def test_a_walk_by_hand():
    text = walk("NSENEEN")
    found = TASK.judge(PROBLEM, text)
    assert found.reward == 1.0
    assert found.step_states == (13, 12, 13, 13, 12, 22, 32)
    assert found.step_rewards == (
        (1, 1),
        (1, 0),
        (0, 0),
        (1, 1),
        (1, 1),
        (1, 1),
        (1, 1),
    )
    # Each step but the last is a move and what is seen after it.
    size = len("<move>N</move><see>1,2</see>")
    assert found.step_ends == (*range(size, 7 * size, size), len(text))


def test_too_late_is_not_there():
    assert grid(turns=4).judge(PROBLEM, walk("NEEN")).correct
    assert not grid(turns=3).judge(PROBLEM, walk("NEEN")).correct
    assert not TASK.judge(PROBLEM, walk("SSSSSNEEN")).correct


def test_what_the_policy_makes_up_moves_nobody():
    text = "<see>3,2</see><move>N</move><see>3,2</see>"
    found = TASK.judge(PROBLEM, text)
    assert not found.correct
    assert found.step_states == (13,)
    assert TASK.world.reply(PROBLEM, text) == "<see>1,2</see>"


@pytest.mark.parametrize("text", ["", "<move>X</move>", "<move>N", "no", "<see>1,2</see>"])
def test_a_walk_without_a_move_is_one_step_without_reward(text):
    found = TASK.judge(PROBLEM, text)
    assert (found.step_ends, found.step_rewards) == ((len(text),), ((0.0, 0.0),))
    assert found.step_states == (13,)
    assert found.reward == 0.0


@given(st.integers(), st.integers(2, 9), st.integers(0, 12), st.integers(1, 16))
def test_every_goal_can_be_reached_in_time(seed, size, walls, turns):
    task = grid(size=size, walls=walls, turns=turns)
    for problem in task.problems(seed, 3):
        assert 1 <= len(task.world.gold(problem)) <= turns
        assert task.judge(problem, task.gold(problem)).correct
        start, goal = problem.prompt[:3], problem.prompt[4:7]
        assert start != goal == problem.answer
        assert start not in problem.prompt[4:]


@given(st.lists(st.sampled_from("ENSW"), min_size=1, max_size=12))
def test_a_step_begins_where_the_one_before_ended(moves):
    text = walk(moves)
    found = TASK.judge(PROBLEM, text)
    for k, state in enumerate(found.step_states[1:]):
        seen = text[: found.step_ends[k]]
        assert seen.endswith(f"<see>{state // 10},{state % 10}</see>")
