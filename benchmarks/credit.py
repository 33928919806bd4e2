"""How long does credit take, and how much memory, beside one pass over the tokens?

    python benchmarks/credit.py [--estimators grpo,gae] [--repeats 15] [--device cpu]

Two batches of groups of 8: one as ragged as a real run (1,024 completions of 100 to 1,024 tokens),
one small (8 x 64). Peers, timed in the same run: `one pass` reads a token array and writes another;
`padded grpo` and `padded gae` do what trainers do, on arrays [samples, longest] with a loop over
groups and over positions. Where verl is installed (tests/test_references.py says how) its own
functions are timed on the same numbers, turn by turn with ours; the last column is theirs over
ours. Peak memory is what was allocated at the worst moment, result included,
in arrays of one float32 a token.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from explorer import catalog
from explorer.types import Credit, Rollouts

GROUP = 8


def batch(samples: int, shortest: int, longest: int, device: str) -> Rollouts:
    """Completions of random lengths in which everything is measured."""
    dice = torch.Generator().manual_seed(0)
    lengths = torch.randint(shortest, longest + 1, (samples,), generator=dice)
    sample = torch.arange(samples).repeat_interleave(lengths)
    tokens = len(sample)

    def floats(*shape: int) -> Tensor:
        return torch.rand(shape, generator=dice)

    def integers(high: int, *shape: int) -> Tensor:
        return torch.randint(0, high, shape, generator=dice)

    starts = torch.diff(sample, prepend=sample.new_tensor([-1])) > 0
    segment = (starts | (floats(tokens) < 0.05)).cumsum(0) - 1
    segments = int(segment[-1]) + 1
    chance = 0.02 + 0.98 * floats(tokens)
    rewards = integers(2, samples).float()
    node, parent = tree(sample, lengths)
    return Rollouts(
        tokens=(5000 * floats(tokens) ** 4).long(),  # few are frequent, as in text
        mask=torch.ones(tokens, dtype=torch.bool),
        sample=sample,
        rewards=rewards,
        group=torch.arange(samples) // GROUP,
        logprobs=chance.log(),
        old_logprobs=chance.log(),
        entropy=floats(tokens),
        sum_pi_sq=chance**2,
        values=floats(tokens),
        mc_values=floats(tokens),
        mc_sem=floats(tokens),
        zip_values=floats(tokens),
        importance=floats(tokens),
        logged_advantages=floats(tokens),
        block=(floats(tokens) < 0.5).long(),
        block_rewards=floats(samples, 2),
        outcomes=torch.stack([torch.zeros(samples, dtype=torch.int64), integers(2, samples)], 1),
        segment=segment,
        segment_rewards=floats(segments, 3),
        state=integers(50, segments),
        finished=torch.ones(samples, dtype=torch.bool),
        greedy_reward=floats(samples),
        reward_parts=floats(samples, 2),
        self_reward=floats(samples),
        anchor=torch.full((samples,), 0.5),
        node=node,
        parent=parent,
        node_rewards=torch.cat([torch.full((len(parent) - samples,), torch.nan), rewards]),
    ).to(device)


def tree(sample: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The node of each token and the parent of each node: in each group two nodes of four leaves.

    The first completion below a node has its tokens too, before those of its own leaf.
    """
    samples = len(lengths)
    prompts, number = samples // GROUP, torch.arange(samples)
    branch = prompts + number // (GROUP // 2)
    inner = branch[:: GROUP // 2]
    leaf = int(inner[-1]) + 1 + number
    roots = torch.full((prompts,), -1)
    parent = torch.cat([roots, torch.arange(prompts).repeat_interleave(2), branch])
    early = torch.arange(len(sample)) < (lengths.cumsum(0) - lengths // 2)[sample]
    shared = early & (sample % (GROUP // 2) == 0)
    return torch.where(shared, branch[sample], leaf[sample]), parent


def padded_grpo(rewards: Tensor, group: list[int], mask: Tensor) -> Tensor:
    """GRPO as trainers do it: `rewards` [samples, longest] at the ends, a loop over samples."""
    scores = rewards.sum(-1)
    of_group: dict[int, list[Tensor]] = {}
    for i, g in enumerate(group):
        of_group.setdefault(g, []).append(scores[i])
    mean = {g: torch.stack(mine).mean() for g, mine in of_group.items()}
    std = {g: torch.stack(mine).std() for g, mine in of_group.items()}
    for i, g in enumerate(group):
        scores[i] = (scores[i] - mean[g]) / (std[g] + 1e-6)
    return scores[:, None] * mask


def padded_gae(rewards: Tensor, values: Tensor, mask: Tensor, lam: float = 0.95) -> Tensor:
    """GAE as trainers do it: a loop over positions, padding included."""
    ahead = last = torch.zeros_like(rewards[:, 0])
    reversed_columns = []
    for t in reversed(range(rewards.shape[1])):
        delta = rewards[:, t] + ahead - values[:, t]
        here = delta + lam * last
        ahead = torch.where(mask[:, t], values[:, t], ahead)
        last = torch.where(mask[:, t], here, last)
        reversed_columns.append(last)
    return torch.stack(reversed_columns[::-1], 1) * mask


def layout(rollouts: Rollouts) -> tuple[Tensor, Callable[[Tensor], Tensor], Tensor]:
    """The mask [samples, longest], what pads an array of tokens, and rewards at the ends."""
    lengths = torch.bincount(rollouts.sample)
    samples = torch.arange(len(lengths), device=lengths.device)
    mask = torch.arange(int(lengths.max()), device=lengths.device) < lengths[:, None]
    at_end = torch.zeros(mask.shape, device=lengths.device)
    at_end[samples, lengths - 1] = rollouts.rewards
    return mask, lambda x: torch.zeros(mask.shape, device=x.device).masked_scatter(mask, x), at_end


def padded(rollouts: Rollouts) -> dict[str, Callable[[], Tensor]]:
    """The trainers' way on the same numbers, padding made beforehand."""
    mask, pad, at_end = layout(rollouts)
    values, group = pad(rollouts.values), rollouts.group.tolist()
    return {
        "padded grpo": lambda: padded_grpo(at_end, group, mask),
        "padded gae": lambda: padded_gae(at_end, values, mask),
    }


def verls(rollouts: Rollouts) -> dict[str, Callable[[], Tensor]]:
    """verl's function for each estimator it has too, padding made beforehand."""
    if not find_spec("verl"):
        return {}
    from verl.trainer.config import AlgoConfig
    from verl.trainer.ppo.core_algos import get_adv_estimator_fn

    truth, pad, at_end = layout(rollouts)
    mask = truth.float()
    index = {"index": rollouts.group.cpu().numpy().astype(object)}
    rewards = rollouts.reward_parts.T.cpu().numpy()
    parts = {f"part {k}": part for k, part in enumerate(rewards)}
    prompt = torch.ones(len(mask), 1, device=mask.device)
    arguments: dict[str, tuple[str, dict[str, Any]]] = {
        "grpo": ("grpo", index),
        "dr_grpo": ("grpo", index | {"norm_adv_by_std_in_grpo": False}),
        "rloo": ("rloo", index),
        "opo": ("opo", index),
        "gpg": ("gpg", index),
        "reinforce_pp": ("reinforce_plus_plus", {"config": AlgoConfig(gamma=1.0)}),
        "reinforce_pp_baseline": ("reinforce_plus_plus_baseline", index),
        "remax": ("remax", {"reward_baselines": rollouts.greedy_reward}),
        "gae": ("gae", {"values": pad(rollouts.values), "gamma": 1.0, "lam": 0.95}),
        "gdpo": ("gdpo", index | {
            "config": {"gdpo_reward_keys": list(parts)},
            "non_tensor_batch": parts,
            "batch": {"prompts": prompt, "attention_mask": torch.cat([prompt, mask], 1).long()},
        }),
        "otb": ("optimal_token_baseline", index | {
            "old_log_probs": pad(rollouts.old_logprobs),
            "sum_pi_squared": pad(rollouts.sum_pi_sq),
        }),
    }  # fmt: skip

    def call(theirs: str, given: dict[str, Any]) -> Callable[[], Tensor]:
        estimator = get_adv_estimator_fn(theirs)
        # Some write into what they are given, so that a copy is theirs.
        return lambda: estimator(token_level_rewards=at_end.clone(), response_mask=mask, **given)[0]

    return {name: call(*how) for name, how in arguments.items()}


def seconds(calls: list[Callable[[], object]], repeats: int, device: str) -> list[float]:
    """Median time of each call, taken turn by turn."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats + 2):
        for call, mine in zip(calls, times, strict=True):
            begin = time.perf_counter()
            call()
            if device == "cuda":
                torch.cuda.synchronize()
            mine.append(time.perf_counter() - begin)
    return [statistics.median(mine[2:]) for mine in times]


def peak(call: Callable[[], object], device: str) -> int:
    """Bytes allocated at the worst moment of a call."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as trace:
        call()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "trace.json")
        trace.export_chrome_trace(str(file))
        events = json.loads(file.read_text())["traceEvents"]
    return max(e["args"]["Total Allocated"] for e in events if e["name"] == "[memory]")


def measure(rollouts: Rollouts, names: list[str], repeats: int, device: str) -> None:
    """Print a row for each estimator and each peer."""

    def lacks(name: str) -> list[str]:
        return catalog.missing(catalog.load("estimators", name), rollouts)

    def advantage(name: str) -> Callable[[], Tensor]:
        leaf = catalog.load("estimators", name)

        def call() -> Tensor:
            credit: Credit = catalog.run(leaf, rollouts)
            return credit.advantage

        return call

    calls: dict[str, Callable[[], object]] = {"one pass": lambda: rollouts.values + 1}
    calls |= padded(rollouts)
    calls |= {name: advantage(name) for name in names if not lacks(name)}
    theirs = verls(rollouts)
    array = 4 * len(rollouts.tokens)
    print(f"\n{len(rollouts.rewards):,} samples, {len(rollouts.tokens):,} tokens, {device}")
    print(f"{'':22} {'ms':>9} {'x one pass':>11} {'peak arrays':>12} {'verl, ms':>9} {'ratio':>6}")
    unit = None
    for name, call in calls.items():
        took, *others = seconds([call, *filter(None, [theirs.get(name)])], repeats, device)
        unit = unit or took
        memory = peak(call, device) / array
        beside = "".join(f" {1e3 * other:9.3f} {other / took:6.1f}" for other in others)
        print(f"{name:22} {1e3 * took:9.3f} {took / unit:11.1f} {memory:12.1f}{beside}")
    for name in filter(lacks, names):
        print(f"{name:22} not timed: it reads {', '.join(lacks(name))}")


def main() -> None:
    """Read the options, measure both batches."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--estimators", default="grpo,gae", help="names, or all")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    options = parser.parse_args()
    every = options.estimators == "all"
    names = catalog.names("estimators") if every else options.estimators.split(",")
    torch.set_num_threads(1)
    for size in ((1024, 100, 1024), (8, 64, 64)):
        rollouts = batch(*size, device=options.device)
        measure(rollouts, names, options.repeats, options.device)


if __name__ == "__main__":
    main()
