"""True values of states by Monte Carlo: continue from a prefix many times, average the rewards.

What estimators are measured against: Kazemnejad et al. 2024, arXiv:2410.01679, and the fidelity
experiments of arXiv:2602.10231 (32 continuations) and arXiv:2601.07320 (32 at segment ends).

    plan -> run (one row a chunk, on disk as it comes) -> fill;      measure is all three
"""

import dataclasses
import hashlib
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import torch
from torch import Tensor

from explorer import ragged
from explorer.continuations import asking, judging, values, walking
from explorer.journal import Row, append, replay
from explorer.knobs import Slider
from explorer.policy import Policy
from explorer.positions import Place, Prefix, positions, prefixes
from explorer.task import Task
from explorer.types import Rollouts

AT_ONCE = 4096  # continuations in one chunk


@dataclass(frozen=True)
class Plan:
    """The distinct states to value, and which of them each token follows."""

    prefixes: list[Prefix]
    index: Tensor  # [tokens], -1 where nothing is measured
    n: int
    chunks: list[range]  # of prefixes


def measure(
    policy: Policy,
    task: Task,
    rollouts: Rollouts,
    at: Place = "segments",
    *,
    n: Annotated[int, Slider(4, 256, 4, at_least=2)] = 32,
    target: Annotated[float, Slider(0.0, 0.2, 0.01, at_least=0.0)] = 0.0,
    temperature: float = 1.0,
    max_new_tokens: int | None = None,
    seed: int = 0,
    journal: Path | None = None,
    engine: str = "transformers",
    **settings: Any,
) -> Rollouts:
    """The rollouts with mc_values and mc_sem, and those of each block's reward.

    V(s_t) is the mean reward of n completions sampled from the state before token t; NaN where
    nothing was measured. States that samples of a prompt share are measured once, so they share
    their errors as well.

    Args:
        at: tokens, segments, blocks, steps, or a list of places counted from each sample's start.
        n: continuations of each state; the standard error falls with its root.
        target: a state is left as soon as its standard error is below this; 0 takes all n.
        temperature: of the continuations; the one that the rollouts were sampled with.
        max_new_tokens: where completions are cut off; by default twice the longest one here, or
            the longest if one was cut off.
        seed: the same one gives the same values on the same machine.
        journal: a file to begin, or to go on with after a kill.
        engine: transformers walks the tree of states here; others get every prefix as a prompt.
        settings: segmenter, and its settings.

    Raises:
        ValueError: the rollouts lack the prompts or their right answers; the journal is of
            something else.
    """
    drawn = plan(rollouts, at, n=n, **settings)
    rows = run(
        policy,
        task,
        rollouts,
        drawn,
        target=target,
        temperature=temperature,
        max_new_tokens=max_new_tokens,
        seed=seed,
        journal=journal,
        engine=engine,
    )
    return fill(rollouts, drawn, rows)


def plan(rollouts: Rollouts, at: Place, *, n: int, **settings: Any) -> Plan:
    """The states before the chosen tokens, cut into chunks of bounded work."""
    found, index = prefixes(rollouts, positions(rollouts, at, **settings))
    size = max(1, AT_ONCE // n)
    chunks = [range(i, min(i + size, len(found))) for i in range(0, len(found), size)]
    return Plan(found, index, n, chunks)


def run(
    policy: Policy,
    task: Task,
    rollouts: Rollouts,
    drawn: Plan,
    *,
    target: float = 0.0,
    temperature: float = 1.0,
    max_new_tokens: int | None = None,
    seed: int = 0,
    journal: Path | None = None,
    engine: str = "transformers",
) -> Iterator[Row]:
    """One row for each chunk of the plan: its `step` of `steps`, `eta` in seconds, `states`."""
    if task.world is not None:
        raise ValueError(
            f"states of {task.name} can not be valued: continuations stop where its world replies"
        )
    limit = max_new_tokens or _limit(policy, rollouts)
    chosen = {"n": drawn.n, "target": target, "temperature": temperature, "seed": seed}
    chosen |= {"max_new_tokens": limit, "engine": engine, "states": _digest(rollouts, drawn)}
    chosen |= {
        "policy": sum(float(p.detach().double().abs().sum()) for p in policy.model.parameters())
    }
    known = replay(journal, chosen) if journal else []
    yield from known
    rewards = judging(policy, task, rollouts)
    sampling = walking if engine == "transformers" else partial(asking, engine)
    go_on = sampling(policy, rollouts, max_new_tokens=limit, temperature=temperature)
    begin = time.perf_counter()
    for number, chunk in enumerate(drawn.chunks[len(known) :], len(known)):
        mine = [drawn.prefixes[k] for k in chunk]
        found = values(mine, go_on, rewards, n=drawn.n, target=target, seed=f"{seed}/{number}")
        states = [{"prefix": k, **state} for k, state in zip(chunk, found, strict=True)]
        spent = (time.perf_counter() - begin) / (number + 1 - len(known))
        left = len(drawn.chunks) - number - 1
        row = {"step": number + 1, "steps": number + 1 + left, "eta": spent * left}
        row |= {"continuations": sum(s["n"] for s in states), "states": states}
        if journal:
            append(journal, row)
        yield row


def fill(rollouts: Rollouts, drawn: Plan, rows: Iterable[Row]) -> Rollouts:
    """Write what the rows know into the rollouts; NaN elsewhere."""
    states = [state for row in rows for state in row["states"]]
    width = len(states[0]["mean"]) if states else 1
    table = torch.full((len(drawn.prefixes) + 1, 2, width), math.nan)  # the last: not measured
    for state in states:
        table[state["prefix"]] = torch.tensor([state["mean"], state["sem"]])
    mean, sem = table[drawn.index].to(rollouts.rewards).unbind(1)
    changes = {"mc_values": mean[:, 0], "mc_sem": sem[:, 0]}
    if width > 1:
        changes |= {"mc_block_values": mean[:, 1:], "mc_block_sem": sem[:, 1:]}
    return dataclasses.replace(rollouts, **changes)


def _limit(policy: Policy, rollouts: Rollouts) -> int:
    """Room for what continuations may need, as far as the policy has positions."""
    longest = int(ragged.lengths(rollouts).max())
    finished = rollouts.finished is not None and bool(rollouts.finished.all())
    room = getattr(policy.model.config, "max_position_embeddings", math.inf)
    room -= max(map(len, rollouts.prompt_tokens or [[]]))
    return int(max(longest, min(2 * longest if finished else longest, room)))


def _digest(rollouts: Rollouts, drawn: Plan) -> str:
    everything = (rollouts.tokens.tolist(), rollouts.prompt_tokens, drawn.prefixes, drawn.chunks)
    return hashlib.sha256(repr(everything).encode()).hexdigest()[:16]
