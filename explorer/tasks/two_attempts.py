"""Two attempts at a chain of additions. Second experiment of Pavlenko et al., arXiv:2602.10231.

7+15-4=  ->  <reasoning>7+15=21;21-4=17</reasoning><answer>17</answer>
             <reasoning>7+15=22;22-4=18</reasoning><answer>18</answer>
"""

import math
from random import Random
from typing import Annotated

from explorer import arithmetic
from explorer.arithmetic import NOTHING, PARTS, Attempt
from explorer.knobs import Slider
from explorer.task import Judgement, Problem, Task


def two_attempts(
    *,
    terms: Annotated[int, Slider(2, 5, 1, at_least=2, at_most=20)] = 3,
    largest: Annotated[int, Slider(5, 50, 5, at_least=1, at_most=10**6)] = 20,
    changed: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.1,
) -> Task:
    """Answer, think again, answer again; changing a wrong answer earns something by itself.

        r_1 = c_1,   r_2 = 1 if c_2, else `changed` if a_2 differs from a_1, else 0     (sec. 5.1)

    Block 0 is the first attempt, block 1 what follows its `</answer>`. The outcome of block 1 is
    c_1: the paper does not name it. The completion earns r_1 + r_2 and is right if the second
    answer is. A second answer that can not be read has not changed. A first one that is never
    closed leaves no block 1: its reward is NaN, and 0 in the sum.

    Args:
        terms: the most numbers in a prompt; more make the reasoning longer.
        largest: no number, results included, exceeds it; small ones are soon learnt by heart.
        changed: reward of another answer that is wrong too; 1 pays for any change.
    """

    def problems(seed: int, n: int) -> list[Problem]:
        return arithmetic.problems(seed, n, terms=terms, largest=largest)

    def gold(problem: Problem) -> str:
        return arithmetic.attempt(arithmetic.sentences(problem)) * 2

    def novice(problem: Problem, dice: Random) -> str:
        slip = arithmetic.slips(dice)
        tries = (arithmetic.sentences(problem, slip) for _ in range(2))
        return "".join(map(arithmetic.attempt, tries))

    def judge(problem: Problem, text: str) -> Judgement:
        first = arithmetic.read(problem, text)
        second = arithmetic.read(problem, text, first.end)
        differs = second.answer is not None and second.answer != first.answer
        reward = 1.0 if second.correct else changed * differs
        steps = _steps(text, first, second)
        return Judgement(
            reward=first.correct + reward,
            block_starts=(0, first.end),
            block_rewards=(float(first.correct), reward if first.closed else math.nan),
            outcomes=(0, int(first.correct)),
            step_ends=tuple(steps),
            step_rewards=tuple(steps.values()),
            correct=second.correct,
        )

    return Task(
        name="two_attempts",
        blocks=("first", "second"),
        outcomes=("wrong", "right"),
        parts=PARTS,
        problems=problems,
        gold=gold,
        novice=novice,
        judge=judge,
    )


def _steps(text: str, first: Attempt, second: Attempt) -> dict[int, tuple[float, ...]]:
    """Rewards of each step by its end; what follows the second attempt has none."""
    steps = dict(zip(first.step_ends, first.step_rewards, strict=True))
    if second.end > first.end:
        steps |= zip(second.step_ends, second.step_rewards, strict=True)
    return steps if second.end == len(text) else steps | {len(text): NOTHING}
