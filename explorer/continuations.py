"""What states are worth: continuations of prefixes, judged, until the mean reward is known."""

import hashlib
import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from explorer import catalog, ragged
from explorer.pieces import pieces_of
from explorer.policy import Policy
from explorer.positions import Prefix
from explorer.rollouts import parts_of
from explorer.task import Problem, Task
from explorer.types import Completion, Rollouts
from explorer.walk import Ending, walk

ROUND = 8  # continuations of a prefix between two looks at its standard error

Continue = Callable[[Sequence[Prefix], int, int], list[Ending]]  # prefixes, times, seed
Rewards = Callable[[int, Completion], tuple[float, ...]]  # of the whole, and of each block


def values(
    prefixes: Sequence[Prefix],
    go_on: Continue,
    rewards: Rewards,
    *,
    n: int,
    target: float,
    seed: str,
) -> list[dict[str, int | list[float]]]:
    """Mean reward of each prefix's continuations, its standard error, and how many there were.

    A prefix is left before n if its standard error is at most `target`. A few equal rewards are no
    proof that all are, so for this the variance counts one more reward, half the range of all
    rewards seen away from the mean: ((k - 1) s^2 + (range / 2)^2) / k.
    """
    earned: list[list[tuple[float, ...]]] = [[] for _ in prefixes]
    going = list(range(len(prefixes)))
    for turn in itertools.count():
        times = min(ROUND if target else n, n - len(earned[going[0]]))
        dice = int.from_bytes(hashlib.sha256(f"{seed}/{turn}".encode()).digest()[:6])
        for ending in go_on([prefixes[k] for k in going], times, dice):
            reward = rewards(ending.group, ending.completion)
            for place, count in ending.times.items():
                earned[going[place]] += [reward] * count
        spread = _range(earned)
        going = [k for k in going if len(earned[k]) < n and _unsure(earned[k], spread) > target]
        if not going:
            return [_summary(rows) for rows in earned]
    raise AssertionError("the count of turns has no end")


def walking(
    policy: Policy, rollouts: Rollouts, *, max_new_tokens: int, temperature: float
) -> Continue:
    """A function that continues prefixes of the rollouts here, as one tree.

    Raises:
        ValueError: the rollouts lack the prompts' tokens.
    """
    prompts, completions = _tokens(rollouts)

    def go_on(prefixes: Sequence[Prefix], times: int, seed: int) -> list[Ending]:
        return walk(
            policy,
            prefixes,
            times,
            prompts=prompts,
            completions=completions,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            seed=seed,
        )

    return go_on


def asking(
    engine: str, policy: Policy, rollouts: Rollouts, *, max_new_tokens: int, temperature: float
) -> Continue:
    """A function that continues prefixes by an engine, each as a prompt of its own.

    Raises:
        ValueError: no such engine, or the rollouts lack the prompts' tokens.
    """
    prompts, completions = _tokens(rollouts)
    sample = catalog.load("engines", engine)

    def go_on(prefixes: Sequence[Prefix], times: int, seed: int) -> list[Ending]:
        heads = [completions[p.sample][: p.length] for p in prefixes]
        found = sample(
            policy,
            [prompts[p.group] + head for p, head in zip(prefixes, heads, strict=True)],
            samples=times,
            max_new_tokens=max(1, max_new_tokens - min(map(len, heads))),
            temperature=temperature,
            seed=seed,
        )
        return [
            Ending(prefix.group, _whole(head, one, max_new_tokens), {n: 1})
            for n, (prefix, head, some) in enumerate(zip(prefixes, heads, found, strict=True))
            for one in some
        ]

    return go_on


def judging(policy: Policy, task: Task, rollouts: Rollouts) -> Rewards:
    """A function that says what a completion of a prompt earns; equal ones are judged once.

    Raises:
        ValueError: the rollouts lack the prompts' text or their right answers.
    """
    if rollouts.prompts is None or rollouts.answers is None:
        raise ValueError(
            "judging continuations needs each prompt's text and right answer, which these "
            "rollouts lack; sample them with a task"
        )
    problems = [Problem(*pair) for pair in zip(rollouts.prompts, rollouts.answers, strict=True)]
    pieces = pieces_of(policy.tokenizer)
    known: dict[tuple[int, tuple[int, ...], bool], tuple[float, ...]] = {}

    def rewards(group: int, completion: Completion) -> tuple[float, ...]:
        key = group, tuple(completion.tokens), completion.finished
        if key not in known:
            own = pieces(completion.tokens)
            text = "".join(own[:-1] if completion.finished else own)
            judged = task.judge(problems[group], text)
            known[key] = (judged.reward, *(parts_of(judged) if task.blocks else ()))
        return known[key]

    return rewards


def _tokens(rollouts: Rollouts) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids of each prompt, and of each completion."""
    if rollouts.prompt_tokens is None:
        raise ValueError("the value of a state needs the prompts' tokens; record prompt_tokens")
    completions = rollouts.tokens.split(ragged.lengths(rollouts).tolist())
    return rollouts.prompt_tokens, [ids.tolist() for ids in completions]


def _whole(head: list[int], tail: Completion, limit: int) -> Completion:
    tokens = head + tail.tokens
    return Completion(tokens[:limit], [], tail.finished and len(tokens) <= limit)


def _summary(rows: list[tuple[float, ...]]) -> dict[str, int | list[float]]:
    table = torch.tensor(rows, dtype=torch.float64)
    sem = table.std(0) / len(rows) ** 0.5
    return {"n": len(rows), "mean": table.mean(0).tolist(), "sem": sem.tolist()}


def _range(earned: list[list[tuple[float, ...]]]) -> float:
    wholes = [row[0] for rows in earned for row in rows]
    return max(wholes) - min(wholes)


def _unsure(rows: list[tuple[float, ...]], spread: float) -> float:
    wholes: Tensor = torch.tensor([row[0] for row in rows], dtype=torch.float64)
    k = len(wholes)
    return float((((k - 1) * wholes.var() + (spread / 2) ** 2) / k / k).sqrt())
