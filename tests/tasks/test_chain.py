"""Chain arithmetic: blocks, rewards and what happens to half a completion."""

import math
from itertools import pairwise

import pytest

from explorer.task import Problem
from explorer.tasks.chain import chain

PROBLEM = Problem("7+15-4=", "18")
RIGHT = "<reasoning>7+15=22;22-4=18</reasoning><answer>18</answer>"
WRONG = "<reasoning>7+15=22;22-4=16</reasoning><answer>16</answer>"
CHECK = "<analysis>18+4=22</analysis>"


def judged(text, **settings):
    return chain(**settings).judge(PROBLEM, text)


@pytest.mark.parametrize(
    ("solution", "confidence", "rewards"),
    [
        (RIGHT, "0.75", (1.0, -0.0625)),
        (WRONG, "0.75", (0.0, -0.5625)),
        (WRONG, "0", (0.0, 0.0)),
        (RIGHT, "1.0", (1.0, 0.0)),
    ],
)
def test_brier(solution, confidence, rewards):
    found = judged(f"{solution}{CHECK}<confidence>{confidence}</confidence>")
    assert found.block_rewards == rewards
    assert found.reward == sum(rewards)
    assert found.outcomes == (0, int(rewards[0]))
    assert found.confidence == float(confidence)


def test_bce_is_clipped():
    half = judged(f"{RIGHT}{CHECK}<confidence>0.5</confidence>", calibration="bce")
    sure = judged(f"{WRONG}{CHECK}<confidence>1</confidence>", calibration="bce", clip=0.125)
    assert half.block_rewards[1] == math.log(0.5)
    assert sure.block_rewards[1] == math.log(0.125)


def test_blocks_and_steps():
    found = judged(f"{RIGHT}{CHECK}<confidence>1</confidence>")
    assert found.block_starts == (0, len(RIGHT))
    cuts = (0, *found.step_ends)
    text = f"{RIGHT}{CHECK}<confidence>1</confidence>"
    assert [text[a:b] for a, b in pairwise(cuts)] == [
        "<reasoning>7+15=22;",
        "22-4=18</reasoning>",
        "<answer>18</answer>",
        "<analysis>18+4=22</analysis>",
        "<confidence>1</confidence>",
    ]
    assert found.step_rewards[:3] == ((1, 1, 1),) * 3
    assert all(math.isnan(part) for parts in found.step_rewards[3:] for part in parts)


@pytest.mark.parametrize(
    "stated", ["", "1.5", "-0.1", "nan", "inf", "0,8", "1e-1", "٠.٥", "0.8 ", "0." + "9" * 4000]
)
def test_a_confidence_that_can_not_be_read_costs_the_setting(stated):
    text = f"{RIGHT}{CHECK}<confidence>{stated}</confidence>"
    assert judged(text).block_rewards == (1.0, -1.0)
    assert judged(text, unparsed=-0.5).reward == 0.5
    assert judged(text).confidence is None


def test_a_confidence_before_the_answer_does_not_count():
    assert judged(f"<confidence>1</confidence>{RIGHT}").confidence is None


def test_nothing_after_the_answer_is_a_confidence_not_stated():
    assert judged(RIGHT).block_rewards == (1.0, -1.0)


def test_without_a_closed_answer_there_is_no_second_block():
    text = RIGHT.removesuffix("</answer>")
    found = judged(text)
    assert found.block_starts == (0, len(text))
    assert found.block_rewards[0] == 0.0
    assert math.isnan(found.block_rewards[1])
    assert found.outcomes == (0, 0)
    assert found.reward == -1.0  # as if silent: rambling must not pay


def test_settings_shape_the_problems():
    for problem in chain(terms=2, largest=9).problems(0, 50):
        assert len(problem.prompt) == len("1+2=")


def test_five_terms_fit_into_64_characters_and_tags():
    task = chain(terms=5, largest=50)
    longest = max(map(task.gold, task.problems(0, 500)), key=len)
    tags = "<reasoning></reasoning><answer></answer><analysis></analysis><confidence></confidence>"
    assert len(longest) - len(tags) + 8 + 1 <= 64
