"""Two attempts: the rewards of the paper's second experiment."""

import math
from random import Random

import pytest

from explorer.task import Problem
from explorer.tasks.two_attempts import two_attempts

PROBLEM = Problem("7+15-4=", "18")


def attempt(answer) -> str:
    return f"<reasoning>7+15=22;22-4=18</reasoning><answer>{answer}</answer>"


@pytest.mark.parametrize(
    ("first", "second", "rewards"),
    [
        (18, 18, (1.0, 1.0)),
        (17, 18, (0.0, 1.0)),
        (18, 17, (1.0, 0.1)),
        (17, 16, (0.0, 0.1)),
        (17, 17, (0.0, 0.0)),
        (17, "017", (0.0, 0.0)),  # the same number
        (17, "?", (0.0, 0.0)),  # no answer is no other answer
        ("?", 17, (0.0, 0.1)),
        ("?", 18, (0.0, 1.0)),
    ],
)
def test_rewards(first, second, rewards):
    text = attempt(first) + attempt(second)
    found = two_attempts().judge(PROBLEM, text)
    assert found.block_rewards == rewards
    assert found.reward == sum(rewards)
    assert found.outcomes == (0, int(rewards[0]))
    assert found.correct == (second == 18)
    assert found.block_starts == (0, len(attempt(first)))


def test_a_change_pays_what_the_setting_says():
    text = attempt(17) + attempt(16)
    assert two_attempts(changed=0.5).judge(PROBLEM, text).block_rewards == (0.0, 0.5)


def test_without_a_second_attempt_the_second_block_earns_nothing():
    found = two_attempts().judge(PROBLEM, attempt(18))
    assert found.block_rewards == (1.0, 0.0)
    assert not found.correct
    assert found.step_ends[-1] == len(attempt(18))


def test_without_a_closed_answer_there_is_no_second_block():
    found = two_attempts().judge(PROBLEM, "<reasoning>7+15=22")
    assert math.isnan(found.block_rewards[1])
    assert found.reward == 0.0


def test_steps_of_both_attempts_and_what_follows():
    text = attempt(18) + attempt(17)
    found = two_attempts().judge(PROBLEM, text + "…")
    one = len(attempt(18))
    assert found.step_ends == (19, 38, one, one + 19, one + 38, 2 * one, 2 * one + 1)
    assert found.step_rewards[:5] == ((1, 1, 1),) * 5
    assert found.step_rewards[5] == (0, 0, 1)
    assert all(map(math.isnan, found.step_rewards[6]))


def test_three_terms_fit_into_64_tokens():
    task = two_attempts()
    longest = max(len(task.gold(problem)) for problem in task.problems(0, 500))
    assert longest - 2 * len("<reasoning></reasoning><answer></answer>") + 8 + 1 <= 64


def test_a_novice_tries_twice_and_slips_anew():
    task, dice = two_attempts(), Random(0)
    judged = [task.judge(p, task.novice(p, dice)) for p in task.problems(0, 300)]
    first = [judgement.outcomes[1] for judgement in judged]
    second = [judgement.correct for judgement in judged]
    assert 0.4 < sum(first) / 300 < 0.7
    assert 0.4 < sum(second) / 300 < 0.7
    assert any(a < b for a, b in zip(first, second, strict=True))
