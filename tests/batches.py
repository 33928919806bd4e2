"""Hypothesis strategy of ragged batches in which every field is measured."""

import dataclasses
import random

import torch
from hypothesis import strategies as st
from torch import Tensor

from explorer import peers
from explorer.types import Rollouts, axes

IN_REWARDS = (  # fields in units of the reward: when all rewards move, so do these
    "rewards",
    "values",
    "mc_values",
    "zip_values",
    "block_rewards",
    "segment_rewards",
    "reward_parts",
    "greedy_reward",
    "self_reward",
    "anchor",
    "node_rewards",
)


@st.composite
def batches(draw: st.DrawFn, empty: bool = False) -> Rollouts:
    """Unequal groups, groups of one, equal rewards, one-token samples, gaps of unsampled tokens.

    Every sample has a sampled token, unless `empty`. Samples of a group need not be neighbours.
    """
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    group = draw(st.permutations([g for g, size in enumerate(sizes) for _ in range(size)]))
    n = len(group)
    lengths = torch.tensor(draw(st.lists(st.integers(1, 6), min_size=n, max_size=n)))
    kind = draw(st.sampled_from(["equal", "binary", "quarters", "any"]))
    dice = torch.Generator().manual_seed(draw(st.integers(0, 2**32 - 1)))
    # Run-time type checks look at random items of lists; hypothesis wants `random` left alone.
    state = random.getstate()
    rollouts = filled(torch.tensor(group), lengths, kind, dice, empty)
    random.setstate(state)
    return rollouts


def filled(
    group: Tensor, lengths: Tensor, kind: str, dice: torch.Generator, empty: bool
) -> Rollouts:
    """A batch of samples of these lengths; `empty` allows samples without a sampled token."""
    n, tokens = len(group), int(lengths.sum())

    def floats(*shape: int) -> Tensor:
        return torch.rand(shape, generator=dice, dtype=torch.float64)

    def integers(high: int, *shape: int) -> Tensor:
        return torch.randint(0, high, shape, generator=dice)

    sample = torch.arange(n).repeat_interleave(lengths)
    mask = floats(tokens) < 0.7
    if not empty:
        mask |= peers.starts(sample)
    rewards = {
        "equal": torch.full((n,), 0.1, dtype=torch.float64),
        "binary": integers(2, n).double(),
        "quarters": integers(5, n).double() / 4,
        "any": floats(n),
    }[kind]
    segment = (peers.starts(sample) | (floats(tokens) < 0.4)).cumsum(0) - 1
    segments = int(segment[-1]) + 1
    block = torch.minimum(peers.position(sample) - integers(2, n)[sample], integers(3, n)[sample])
    block = block.clamp(-1, 1)
    has_block = torch.stack([(block == k).double() for k in (0, 1)], 1)
    has_block = torch.zeros(n, 2, dtype=torch.float64).index_add_(0, sample, has_block) > 0
    chance = 0.05 + 0.9 * floats(tokens)
    node, parent = _trees(sample, mask, group.tolist(), integers)
    node_rewards = floats(len(parent))
    node_rewards[parent[parent >= 0]] = torch.nan
    return Rollouts(
        tokens=integers(9, tokens),
        mask=mask,
        sample=sample,
        rewards=rewards,
        group=group,
        logprobs=chance.log(),
        old_logprobs=chance.log(),
        ref_logprobs=(0.05 + 0.9 * floats(tokens)).log(),
        entropy=floats(tokens),
        sum_pi_sq=chance**2 + (1 - chance) ** 2 * (0.1 + 0.9 * floats(tokens)),
        values=floats(tokens),
        mc_values=floats(tokens),
        mc_sem=floats(tokens),
        zip_values=floats(tokens),
        importance=floats(tokens),
        block=block,
        block_rewards=floats(n, 2).where(has_block, torch.nan),
        outcomes=torch.stack([torch.zeros(n, dtype=torch.int64), integers(2, n)], 1),
        segment=segment,
        segment_rewards=floats(segments, 3),
        state=integers(3, segments) - 1,
        finished=integers(2, n).bool(),
        correct=integers(2, n).bool(),
        confidence=floats(n),
        greedy_reward=floats(int(group.max()) + 1)[group],
        reward_parts=integers(3, n, 2).double(),
        self_reward=floats(n),
        anchor=floats(1).expand(n),
        logged_advantages=floats(tokens) - 0.5,
        node=node,
        parent=parent,
        node_rewards=node_rewards,
    )


def _trees(sample: Tensor, mask: Tensor, group: list[int], integers) -> tuple[Tensor, Tensor]:
    """A tree of two levels for each prompt: the node of each token, the parent of each node.

    A sample is a leaf below the root or below an earlier sample's inner node. One with two sampled
    tokens may have an inner node of its own, for the first of them.
    """
    node = torch.full_like(sample, -1)
    parent = [-1] * (max(group) + 1)
    inner: dict[int, list[int]] = {g: [g] for g in group}
    for i, g in enumerate(group):
        mine = torch.nonzero((sample == i) & mask).flatten()
        up = inner[g][int(integers(len(inner[g]), 1))]
        if len(mine) > 1 and up == g and int(integers(2, 1)):
            node[mine[0]] = up = len(parent)
            parent.append(g)
            inner[g].append(up)
            mine = mine[1:]
        node[mine] = len(parent)
        parent.append(up)
    return node, torch.tensor(parent)


def each(rollouts: Rollouts, change, only: tuple[str, ...] | None = None) -> Rollouts:
    """`rollouts` with `change` applied to every array (or to those in `only`)."""
    names = axes() if only is None else only
    arrays = {name: getattr(rollouts, name) for name in names}
    changed = {name: change(x) for name, x in arrays.items() if isinstance(x, Tensor)}
    return dataclasses.replace(rollouts, **changed)


def reordered(rollouts: Rollouts, order: list[int]) -> tuple[Rollouts, Tensor]:
    """Samples in another order, prompts numbered otherwise; and the old place of every token."""
    new = torch.tensor(order)
    lengths = torch.bincount(rollouts.sample, minlength=len(order))
    begins = lengths.cumsum(0) - lengths
    sample = torch.arange(len(order)).repeat_interleave(lengths[new])
    place = begins[new][sample] + peers.position(sample)
    index = {"tokens": place, "samples": new}
    changed = {
        name: getattr(rollouts, name)[index[axis]]
        for name, axis in axes().items()
        if axis in index and isinstance(getattr(rollouts, name), Tensor)
    }
    changed |= {"sample": sample, "group": (rollouts.group.max() - rollouts.group)[new]}
    return dataclasses.replace(rollouts, **changed), place
