"""Chains of additions and subtractions: the problems, the sentences that solve them, their rewards.

A completion solves `7+15-4=` by an attempt `<reasoning>7+15=22;22-4=18</reasoning>
<answer>18</answer>`. A sentence ends at `;` or at the closing tag, and can be checked exactly. The
three parts of a sentence's reward are those of the sentence-level GRPO of Paul33333's blog
(2025-02-07): corr, logic, fmt.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import add, sub

from explorer.task import Problem

PARTS = ("corr", "logic", "fmt")
NOTHING = (float("nan"),) * len(PARTS)
Slip = Callable[[], int]
SLIPS = 0.3  # share of a novice's sentences that are off
_OPERATION = {"+": add, "-": sub}
_TERM = re.compile(r"([+-]?)([0-9]+)")
# Bounded, so that no text makes the numbers, or the time to read them, large.
_EQUATION = re.compile(r"([0-9]{1,9})([+-])([0-9]{1,9})=(-?[0-9]{1,9})")
_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Attempt:
    """One `<reasoning>…</reasoning><answer>…</answer>`, as far as a text has it."""

    end: int  # the character after it
    closed: bool  # `</answer>` was written
    answer: int | None  # None: not a whole number
    correct: bool
    step_ends: tuple[int, ...]
    step_rewards: tuple[tuple[float, ...], ...]


def problems(seed: int, n: int, *, terms: int, largest: int) -> list[Problem]:
    """n chains of 2 to `terms` terms in which every number, results included, is in 0..largest."""
    dice = random.Random(seed)
    return [_problem(dice, dice.randint(2, terms), largest) for _ in range(n)]


def sentences(problem: Problem, slip: Slip = int) -> list[str]:
    """The equations that solve a problem, one a term: `["7+15=22", "22-4=18"]`.

    `slip()` is by how much a result is off; what follows goes on from it.
    """
    (_, first), *rest = _terms(problem)
    result, solved = first, []
    for sign, number in rest:
        after = max(0, _OPERATION[sign](result, number) + slip())
        solved.append(f"{result}{sign}{number}={after}")
        result = after
    return solved


def slips(dice: random.Random) -> Slip:
    """Now and then off by one or two, so that the best guess of whoever learns from it is right."""
    return lambda: dice.choice((-2, -1, 1, 2)) if dice.random() < SLIPS else 0


def check(solved: list[str]) -> str:
    """The last sentence backwards, from its result to where it came from: `18+4=22`.

    It is true, so that after a slip it does not come out where the sentence began.
    """
    match = _EQUATION.fullmatch(solved[-1])
    assert match
    sign, number, result = match[2], int(match[3]), int(match[4])
    back = "-" if sign == "+" else "+"
    return f"{result}{back}{number}={_OPERATION[back](result, number)}"


def attempt(solved: list[str]) -> str:
    """The sentences, and the result of the last one as the answer."""
    answer = solved[-1].partition("=")[2]
    return f"<reasoning>{';'.join(solved)}</reasoning><answer>{answer}</answer>"


def read(problem: Problem, text: str, start: int = 0) -> Attempt:
    """Judge the attempt that begins at `start`; it ends at `</answer>`, or at the end of the text.

    corr: the equation is true; of the answer: it is right. logic: the sentence goes on from the
    result before it with the prompt's next term; of the answer: it is the last result, and no term
    is left. fmt: the sentence is an equation between its delimiters; of the answer: a whole number
    between its tags. What can not be read gets 0 in all three.
    """
    close = text.find("</answer>", start)
    end = close + len("</answer>") if close >= 0 else len(text)
    middle = cut(text, "</reasoning>", "<answer>", start, end)
    step_ends, step_rewards, last = _judge_sentences(problem, text, start, middle)
    answer = _answer(text[middle:end])
    correct = answer is not None and answer == int(problem.answer)
    if middle < end or not step_ends:
        complete = len(step_ends) == len(_terms(problem)) - 1
        follows = answer is not None and answer == last and complete
        step_ends.append(end)
        step_rewards.append((float(correct), float(follows), float(answer is not None)))
    return Attempt(end, close >= 0, answer, correct, tuple(step_ends), tuple(step_rewards))


def cut(text: str, closing: str, opening: str, start: int, stop: int) -> int:
    """Where a part ends: after its closing tag, else before the next part's opening one."""
    if (at := text.find(closing, start, stop)) >= 0:
        return at + len(closing)
    return at if (at := text.find(opening, start, stop)) >= 0 else stop


def _problem(dice: random.Random, terms: int, largest: int) -> Problem:
    result = dice.randint(1, largest)
    prompt = str(result)
    for _ in range(terms - 1):
        signs = "+" * (result < largest) + "-" * (result > 0)
        sign = dice.choice(signs)
        number = dice.randint(1, largest - result if sign == "+" else result)
        result = _OPERATION[sign](result, number)
        prompt += f"{sign}{number}"
    return Problem(prompt + "=", str(result))


def _terms(problem: Problem) -> list[tuple[str, int]]:
    return [(sign, int(number)) for sign, number in _TERM.findall(problem.prompt)]


def _judge_sentences(
    problem: Problem, text: str, start: int, stop: int
) -> tuple[list[int], list[tuple[float, ...]], int | None]:
    """Ends and rewards of the sentences in text[start:stop], and what the last one claims."""
    (_, claimed), *left = _terms(problem)
    ends: list[int] = []
    rewards: list[tuple[float, ...]] = []
    last: int | None = claimed
    here = start
    while here < stop:
        semicolon = text.find(";", here, stop)
        end = semicolon + 1 if semicolon >= 0 else stop
        body, framed = _body(text[here:end], first=here == start)
        match = _EQUATION.fullmatch(body)
        if match:
            a, sign, b, result = int(match[1]), match[2], int(match[3]), int(match[4])
            due = left[len(ends)] if len(ends) < len(left) else None
            logic = a == last and (sign, b) == due
            rewards.append((float(_OPERATION[sign](a, b) == result), float(logic), float(framed)))
            last = result
        else:
            rewards.append((0.0,) * len(PARTS))
            last = None
        ends.append(end)
        here = end
    return ends, rewards, last


def _body(sentence: str, *, first: bool) -> tuple[str, bool]:
    """A sentence without its delimiters, and whether it had them."""
    opened = sentence.startswith("<reasoning>") == first
    body = sentence.removeprefix("<reasoning>") if first else sentence
    bare = body.removesuffix(";") if body.endswith(";") else body.removesuffix("</reasoning>")
    return bare, opened and bare != body


def _answer(step: str) -> int | None:
    inside = step.removeprefix("<answer>").removesuffix("</answer>")
    framed = len(inside) + len("<answer></answer>") == len(step)
    return int(inside) if framed and _NUMBER.fullmatch(inside) else None
