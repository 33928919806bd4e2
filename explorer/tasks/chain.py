"""Chain arithmetic with a stated confidence. Format: Pavlenko et al. 2026, arXiv:2602.10231.

    7+15-4=  ->  <reasoning>7+15=22;22-4=18</reasoning><answer>18</answer>
                 <analysis>18+4=22</analysis><confidence>0.8</confidence>

The analysis is the last sentence backwards: where it does not come out, the confidence has reason
to be low.
"""

import math
from random import Random
from typing import Annotated, Literal

from explorer import arithmetic, confidence
from explorer.arithmetic import NOTHING, PARTS
from explorer.knobs import Slider
from explorer.task import Judgement, Problem, Task


def chain(
    *,
    terms: Annotated[int, Slider(2, 5, 1, at_least=2, at_most=20)] = 3,
    largest: Annotated[int, Slider(5, 50, 5, at_least=1, at_most=10**6)] = 20,
    calibration: Literal["brier", "bce"] = "brier",
    clip: Annotated[float, Slider(0.001, 0.1, 0.001, at_least=1e-6, at_most=0.5)] = 0.01,
    unparsed: Annotated[float, Slider(-5.0, 0.0, 0.5, at_most=0.0)] = -1.0,
) -> Task:
    """Additions and subtractions, an answer, and how sure the policy is of it.

        r_1 = c,   r_2 = -(q - c)^2   or   c log q + (1 - c) log(1 - q)             (sec. 5.1)

    Block 0 is the reasoning and the answer, block 1 what follows `</answer>`; its outcome is c,
    whether the answer is right. c is 0 for an answer that can not be read. The whole completion
    earns r_1 + r_2. A completion that never closes its answer has no block 1: r_2 is NaN, and the
    sum takes `unparsed` in its place, so that rambling never pays.

    Args:
        terms: the most numbers in a prompt; more make the reasoning longer, an early mistake
            costlier.
        largest: no number, results included, exceeds it; small ones are soon learnt by heart.
        calibration: brier is bounded, bce punishes a sure mistake without bound but for `clip`.
        clip: bce takes q in [clip, 1 - clip]; small ones make a sure mistake cost more.
        unparsed: reward of a confidence that is no number in [0, 1]; 0 makes silence the best bet.
    """

    def problems(seed: int, n: int) -> list[Problem]:
        return arithmetic.problems(seed, n, terms=terms, largest=largest)

    def written(solved: list[str], sure: float) -> str:
        analysis = f"<analysis>{arithmetic.check(solved)}</analysis>"
        return f"{arithmetic.attempt(solved)}{analysis}<confidence>{sure}</confidence>"

    def gold(problem: Problem) -> str:
        return written(arithmetic.sentences(problem), 1.0)

    def novice(problem: Problem, dice: Random) -> str:
        solved = arithmetic.sentences(problem, arithmetic.slips(dice))
        return written(solved, dice.randint(1, 9) / 10)

    def judge(problem: Problem, text: str) -> Judgement:
        attempt = arithmetic.read(problem, text)
        sure = confidence.stated(text, attempt.end)
        second = confidence.earned(
            sure, attempt.correct, rule=calibration, clip=clip, unparsed=unparsed
        )
        ends = _steps(text, attempt.end)
        return Judgement(
            reward=attempt.correct + second,
            block_starts=(0, attempt.end),
            block_rewards=(float(attempt.correct), second if attempt.closed else math.nan),
            outcomes=(0, int(attempt.correct)),
            step_ends=attempt.step_ends + ends,
            step_rewards=attempt.step_rewards + (NOTHING,) * len(ends),
            correct=attempt.correct,
            confidence=sure,
        )

    return Task(
        name="chain",
        blocks=("solution", "confidence"),
        outcomes=("wrong", "right"),
        parts=PARTS,
        problems=problems,
        gold=gold,
        novice=novice,
        judge=judge,
    )


def _steps(text: str, start: int) -> tuple[int, ...]:
    """Ends of the analysis and of the confidence."""
    analysis = arithmetic.cut(text, "</analysis>", "<confidence>", start, len(text))
    return tuple(end for end in dict.fromkeys((analysis, len(text))) if end > start)
