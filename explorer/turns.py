"""Completions of several turns: the policy writes, the world replies, the policy goes on."""

from typing import Any

from explorer import catalog
from explorer.pieces import pieces_of
from explorer.policy import Policy
from explorer.task import Problem, Task
from explorer.types import Completion


def completions(
    policy: Policy,
    task: Task,
    problems: list[Problem],
    prompts: list[list[int]],
    *,
    engine: str,
    samples: int,
    max_new_tokens: int,
    temperature: float,
    seed: int,
) -> list[list[Completion]]:
    """Completions of every prompt, with what the task's world says in between, if it has one.

    A turn ends with the token that would end a completion, and takes an equal share of
    `max_new_tokens`; a turn that is cut off ends the completion. Tokens of the world are not
    sampled: their mask is False, their log-probability NaN. A chat model gets a reply without a
    role.
    """
    sampler = catalog.load("engines", engine)
    turns = task.world.turns if task.world else 1
    limits: dict[str, Any] = {
        "max_new_tokens": max(max_new_tokens // turns, 1),
        "temperature": temperature,
    }
    found = sampler(policy, prompts, samples=samples, seed=seed * turns, **limits)
    if task.world is None:
        return found
    flat = [one for group in found for one in group]
    asked = [g for g, group in enumerate(found) for _ in group]
    pieces = pieces_of(policy.tokenizer)
    for turn in range(1, turns):
        said: dict[int, list[int]] = {}
        for i, (g, one) in enumerate(zip(asked, flat, strict=True)):
            text = "".join(pieces(one.tokens))
            reply = task.world.reply(problems[g], text) if one.finished else None
            if reply is not None:
                said[i] = policy.tokenizer.encode(reply, add_special_tokens=False)
        if not said:
            break
        contexts = [prompts[asked[i]] + flat[i].tokens + ids for i, ids in said.items()]
        more = sampler(policy, contexts, samples=1, seed=seed * turns + turn, **limits)
        for (i, ids), (one,) in zip(said.items(), more, strict=True):
            flat[i] = _joined(flat[i], ids, one)
    return [flat[i : i + samples] for i in range(0, len(flat), samples)]


def _joined(before: Completion, said: list[int], after: Completion) -> Completion:
    """Two turns of the policy with what the world said between them."""
    sampled = before.mask or [True] * len(before.tokens)
    return Completion(
        tokens=before.tokens + said + after.tokens,
        logprobs=before.logprobs + [float("nan")] * len(said) + after.logprobs,
        finished=after.finished,
        mask=sampled + [False] * len(said) + [True] * len(after.tokens),
    )
