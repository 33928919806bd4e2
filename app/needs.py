"""What an estimator has to be told beyond the completions, from cheap to dear."""

from collections.abc import Sequence

NEEDS = (
    "rewards",
    "rewards of parts",
    "log-probabilities",
    "another head or pass",
    "a critic",
    "more completions",
)
COST = {  # of each field that is not free: what it needs, and how much that is
    "block_rewards": (1, "a judge of blocks"),
    "reward_parts": (1, "a judge of blocks"),
    "segment_rewards": (1, "a judge of steps"),
    "state": (1, "a task with states"),
    "logprobs": (2, "kept while sampling"),
    "old_logprobs": (2, "one forward pass, which training takes anyway"),
    "sum_pi_sq": (2, "one forward pass, which training takes anyway"),
    "entropy": (2, "one forward pass, which training takes anyway"),
    "self_reward": (3, "one more token a completion"),
    "zip_values": (3, "a head on reserved logits"),
    "importance": (3, "a forward pass for each token"),
    "values": (4, "a critic's forward pass, and its training"),
    "greedy_reward": (5, "one more completion a prompt"),
    "node_rewards": (5, "a tree of completions instead of a list"),
    "mc_values": (5, "several completions from each position"),
}


def need(reads: Sequence[str]) -> str:
    """The dearest thing that an estimator reads."""
    return NEEDS[max((COST[field][0] for field in reads if field in COST), default=0)]


def costs(reads: Sequence[str]) -> list[str]:
    """What each field that is not free costs."""
    return [f"{field}: {COST[field][1]}" for field in reads if field in COST]
