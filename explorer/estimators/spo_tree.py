"""Segment Policy Optimization, tree. Guo et al. 2025, arXiv:2505.23564."""

from typing import Annotated

import torch
from torch import Tensor

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, NodeOfToken, ParentOfNode, PerNode, PerToken


def spo_tree(
    node: NodeOfToken,
    parent: ParentOfNode,
    node_rewards: PerNode,
    logprobs: PerToken,
    *,
    divide_by_std: bool = False,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-8,
    mask: bool = True,
    rho: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.9,
) -> Credit:
    """Value of the segment's node, minus the mean value of its siblings.

        V(n) = R at a leaf, else the mean of V over the children of n
        A(n) = V(n) - V(parent of n),   times M_t = 1{pi_old(y_t | s_t) < rho}

    The tree: a root is a prompt, every other node a segment that was sampled after its parent, and
    a leaf ends a completion. A completion holds the tokens from the root to its leaf, but only the
    first completion through a node has them as sampled, so every segment is credited once. A child
    that stopped early counts as much as a whole subtree. A leaf without a reward (NaN) is left out.

    The paper calls it leave-one-out, but the parent's mean includes the node: biased by the factor
    1 - 1/n for n siblings. The aggregation that goes with it is probability_mask.

    Args:
        divide_by_std: on measures in units of the siblings' spread; the paper finds off better.
        eps: added to that spread; 0 trusts even the smallest.
        mask: off credits tokens that were no choice too.
        rho: the mask's threshold; small ones leave only surprises.
    """
    value = _values(parent, node_rewards)
    known = (parent >= 0) & ~value.isnan()
    v, siblings = value[known], parent[known]
    # Nodes without a value, and tokens without a node, stand for the entry behind all others.
    number = torch.where(known, known.cumsum(0) - 1, len(v)).int()
    number = torch.cat([number, number.new_tensor([len(v)])])
    entry = peers.at(number, node.where(node >= 0, len(parent)))

    def spread(x: Tensor, nothing: float) -> Tensor:
        return peers.at(torch.cat([x, x.new_tensor([nothing])]), entry)

    choice = (logprobs.exp() < rho).to(logprobs.dtype)
    return Credit(
        target=spread(v, 0.0),
        baseline=spread(peers.mean(v, siblings), 0.0),
        scale=spread(peers.unit(v, siblings, eps, ddof=0), 1.0) if divide_by_std else 1.0,
        weight=choice if mask else 1.0,
        peers=spread(siblings.int(), -1),
    )


def _values(parent: Tensor, rewards: Tensor) -> Tensor:
    """Reward of a leaf, mean of the children above; NaN where no leaf has a reward: [nodes]."""
    depth, ancestor = torch.zeros_like(parent), parent
    while bool((ancestor >= 0).any()):
        depth += ancestor >= 0
        ancestor = parent[ancestor.clamp(min=0)].where(ancestor >= 0, -1)
    value = rewards.clone()
    for level in range(int(depth.max()) if len(depth) else 0, 0, -1):
        children = (depth == level) & ~value.isnan()
        value[parent[children]] = peers.mean(value[children], parent[children])
    return value
