"""What a task is: problems, and a judge that reads a completion's text.

Judging works on characters, so that any tokenizer can be used; `rollouts.judge` maps characters
to tokens. A task never raises on any text, its gold answer earns the full reward, and the outcome
of a prefix never depends on text after that prefix.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Problem:
    """A question and what its right answer is."""

    prompt: str
    answer: str


@dataclass(frozen=True)
class Judgement:
    """What a task says of one completion.

    `block_starts[k]` is the character where block k begins; a block that is absent begins at the
    end of the text. Steps lie back to back: step j ends at `step_ends[j]`, the last at the end of
    the text. NaN in a reward: there is nothing to reward here.
    """

    reward: float  # of the whole completion, for estimators that know only one
    block_starts: tuple[int, ...]
    block_rewards: tuple[float, ...]
    outcomes: tuple[int, ...]  # of the text before each block; the first is 0
    step_ends: tuple[int, ...]
    step_rewards: tuple[tuple[float, ...], ...]  # parts of each step, each in [0, 1]
    correct: bool
    confidence: float | None = None  # None: not stated, or not a number in [0, 1]
    step_states: tuple[int, ...] = ()  # hash of what is seen before each step; (): no states


@dataclass(frozen=True)
class World:
    """What answers between the turns of a completion, of which it has at most `turns`.

    `reply(problem, text)` is what follows the text so far, None if nothing does: the walk is over.
    `gold(problem)` are the policy's turns in the task's gold completion. Both, and the judge, go by
    what the policy has done, so that a reply that the policy makes up changes nothing.
    """

    turns: int
    reply: Callable[[Problem, str], str | None]
    gold: Callable[[Problem], list[str]]


@dataclass(frozen=True)
class Task:
    """Problems and the rules that judge completions.

    `problems(seed, n)` draws n problems; `gold(problem)` is a completion that earns everything.
    `novice(problem, dice)` is one by somebody who slips now and then and does not know how sure to
    be: what a policy learns from before its reward. None: it learns from the gold completions.
    """

    name: str
    blocks: tuple[str, ...]
    outcomes: tuple[str, ...]  # what each outcome number means
    parts: tuple[str, ...]  # what each part of a step's reward means
    problems: Callable[[int, int], list[Problem]]
    gold: Callable[[Problem], str]
    judge: Callable[[Problem, str], Judgement]
    novice: Callable[[Problem, Random], str] | None = None
    world: World | None = None  # None: a completion is one turn
