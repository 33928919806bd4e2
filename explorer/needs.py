"""What each estimator needs beyond completions and their rewards, and what that costs.

A pass is one forward pass over a completion, or the sampling of one, that neither sampling the
batch nor one update takes anyway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer import catalog, knobs, readme

NEEDS = (  # from cheap to dear
    "nothing more",
    "rewards of parts",
    "log-probabilities",
    "a trained head",
    "a critic",
    "rollouts of its own",
)
GRAINS = ("completion", "block", "step", "segment", "token")  # from coarse to fine


@dataclass(frozen=True)
class Cost:
    """Of a field that is not free: what is needed for it, and the passes that it takes."""

    need: str
    passes: str  # "0", or how many for each of what
    why: str


@dataclass(frozen=True)
class Place:
    """Where an estimator stands on the map."""

    name: str
    granularity: str
    need: str  # the dearest of what it needs
    passes: str
    why: str
    unbiased: str  # yes, up to a constant, or no
    sentence: str


# Known of every batch, or of every run: completions, their rewards, and what those were before.
FREE = {"tokens", "sample", "group", "rewards", "finished", "anchor", "logged_advantages"}
# Which tokens belong together comes with whoever judges them, or with the tree.
FREE |= {"block", "segment", "outcomes", "node", "parent"}
COST = {
    "block_rewards": Cost("rewards of parts", "0", "a judge of blocks"),
    "reward_parts": Cost("rewards of parts", "0", "rewards that are told apart"),
    "segment_rewards": Cost("rewards of parts", "0", "a judge of steps"),
    "state": Cost("rewards of parts", "0", "a world that says where a step begins"),
    "logprobs": Cost("log-probabilities", "0", "kept while sampling"),
    "entropy": Cost("log-probabilities", "1 a completion", "the policy's whole distribution"),
    "old_logprobs": Cost("log-probabilities", "1 a completion", "of the policy before the update"),
    "sum_pi_sq": Cost("log-probabilities", "1 a completion", "the policy's whole distribution"),
    "importance": Cost("log-probabilities", "3 a completion", "two forward, one backward"),
    "self_reward": Cost("a trained head", "0", "one more token after the answer"),
    "zip_values": Cost("a trained head", "0", "read beside the policy's own logits"),
    "values": Cost("a critic", "1 a completion", "by the critic, which is trained too"),
    "greedy_reward": Cost("rollouts of its own", "1 a prompt", "the greedy completion"),
    "node_rewards": Cost("rollouts of its own", "0", "a tree in place of a list"),
    "mc_values": Cost("rollouts of its own", "N a {}", "continuations from each state"),
}


def costs(estimator: Callable[..., Any]) -> dict[str, Cost]:
    """Of each field that it reads and that is not free.

    Monte-Carlo values are read where its segments start; one without segments reads them at every
    token.
    """
    cut = knobs.segmenter(estimator)
    where = {None: "token", "steps": "step"}.get(cut, "segment")
    found = {field: COST[field] for field in catalog.reads(estimator) if field not in FREE}
    return {f: Cost(c.need, c.passes.format(where), c.why) for f, c in found.items()}


def places() -> list[Place]:
    """Every estimator of the README's table, in its order."""
    return [_place(name, row) for name, row in readme.estimators().items()]


def cells() -> dict[tuple[str, str], list[Place]]:
    """The estimators of each need and granularity."""
    found: dict[tuple[str, str], list[Place]] = {}
    for place in places():
        found.setdefault((place.need, place.granularity), []).append(place)
    return found


def _place(name: str, row: dict[str, str]) -> Place:
    found = costs(catalog.load("estimators", name))
    dearest = max((NEEDS.index(cost.need) for cost in found.values()), default=0)
    passes = dict.fromkeys(cost.passes for cost in found.values() if cost.passes != "0")
    return Place(
        name=name,
        granularity=row["granularity"],
        need=NEEDS[dearest],
        passes=" + ".join(passes) or "0",
        why="; ".join(f"{field}: {cost.why}" for field, cost in found.items()),
        unbiased=row["unbiased"],
        sentence=row["sentence"],
    )
