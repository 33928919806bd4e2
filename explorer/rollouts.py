"""From completions to rollouts: what a task says of characters, said of tokens."""

import dataclasses
import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from explorer import turns
from explorer.pieces import pieces_of
from explorer.policy import Policy
from explorer.task import Judgement, Problem, Task
from explorer.types import Completion, Rollouts


def sample(
    policy: Policy,
    task: Task,
    problems: list[Problem],
    *,
    samples: int,
    max_new_tokens: int,
    temperature: float,
    seed: int,
    engine: str = "transformers",
) -> Rollouts:
    """Completions of every problem's prompt, judged.

    Raises:
        ValueError: no such engine; prompts that the policy can not take.
    """
    prompts = prompt_tokens(policy, problems)
    completions = turns.completions(
        policy,
        task,
        problems,
        prompts,
        engine=engine,
        samples=samples,
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        seed=seed,
    )
    rollouts = judge(task, problems, completions, pieces_of(policy.tokenizer))
    return dataclasses.replace(rollouts, prompt_tokens=prompts)


def prompt_tokens(policy: Policy, problems: list[Problem]) -> list[list[int]]:
    """The tokens of every prompt, in the tokenizer's chat format if it has one."""
    tokenizer: Any = policy.tokenizer
    if tokenizer.chat_template is None:
        return [tokenizer(problem.prompt)["input_ids"] for problem in problems]
    texts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": problem.prompt}],
            add_generation_prompt=True,
            tokenize=False,
        )
        for problem in problems
    ]
    return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]


def judge(
    task: Task,
    problems: list[Problem],
    completions: list[list[Completion]],
    pieces_of: Callable[[list[int]], list[str]],
) -> Rollouts:
    """Rewards, blocks, outcomes and steps of completions, one list of completions a problem.

    A token belongs to the block and the step of its last character, so one that straddles a
    boundary goes to the later side. The token that ended a completion is not part of the text that
    is judged; it goes to the last step and to the last block that has a reward. A completion
    without steps is one segment with nothing to reward. Where a block has no reward, its entry in
    `reward_parts` is what the whole reward took in its place.
    """
    flat = [(g, completion) for g, group in enumerate(completions) for completion in group]
    pieces = [pieces_of(completion.tokens) for _, completion in flat]
    texts = [
        "".join(own[:-1] if completion.finished else own)
        for own, (_, completion) in zip(pieces, flat, strict=True)
    ]
    found = [task.judge(problems[g], text) for text, (g, _) in zip(texts, flat, strict=True)]
    rows = list(zip(pieces, texts, found, strict=True))
    steps = bool(task.parts)
    nothing = (math.nan,) * len(task.parts)
    states = steps and all(judgement.step_states for judgement in found)
    return Rollouts.from_lists(
        tokens=[completion.tokens for _, completion in flat],
        logprobs=[completion.logprobs for _, completion in flat],
        mask=[completion.mask or [True] * len(completion.tokens) for _, completion in flat],
        rewards=[judgement.reward for judgement in found],
        group=[g for g, _ in flat],
        pieces=pieces,
        prompts=[problem.prompt for problem in problems],
        answers=[problem.answer for problem in problems],
        finished=[completion.finished for _, completion in flat],
        correct=[judgement.correct for judgement in found],
        confidence=[judgement.confidence for judgement in found],
        block=[_blocks(*row) for row in rows] if task.blocks else None,
        block_rewards=[j.block_rewards for j in found] if task.blocks else None,
        reward_parts=[parts_of(j) for j in found] if task.blocks else None,
        outcomes=[j.outcomes for j in found] if task.blocks else None,
        segment=[_steps(*row) for row in rows] if steps else None,
        segment_rewards=[j.step_rewards or (nothing,) for j in found] if steps else None,
        state=[judgement.step_states for judgement in found] if states else None,
    )


def parts_of(judgement: Judgement) -> list[float]:
    """What each block adds to the reward; an absent block, its share of what took its place."""
    rewards = judgement.block_rewards
    absent = sum(map(math.isnan, rewards))
    share = (judgement.reward - math.fsum(r for r in rewards if r == r)) / max(absent, 1)
    return [share if math.isnan(r) else r for r in rewards]


def _blocks(pieces: list[str], text: str, judgement: Judgement) -> list[int]:
    rewarded = [k for k, reward in enumerate(judgement.block_rewards) if not math.isnan(reward)]
    last = rewarded[-1] if rewarded else -1
    return [
        last if at is None else bisect_right(judgement.block_starts, at) - 1
        for at in _characters(pieces, text)
    ]


def _steps(pieces: list[str], text: str, judgement: Judgement) -> list[int]:
    last = max(len(judgement.step_ends) - 1, 0)
    return [
        last if at is None else min(bisect_right(judgement.step_ends, at), last)
        for at in _characters(pieces, text)
    ]


def _characters(pieces: list[str], text: str) -> list[int | None]:
    """The last character of each token; of a token without text, the next one; None at the end."""
    ends = list(accumulate(map(len, pieces)))
    begins = [0, *ends[:-1]]
    return [
        max(end - 1, begin) if begin < len(text) else None
        for begin, end in zip(begins, ends, strict=False)
    ]
