"""TreeRL: global plus local advantage in a sampled tree. Hou et al. 2025, arXiv:2506.11902."""

import torch
from torch import Tensor

from explorer import peers
from explorer.types import Credit, NodeOfToken, ParentOfNode, PerNode


def tree_rl(
    node: NodeOfToken,
    parent: ParentOfNode,
    node_rewards: PerNode,
    *,
    down_weight: bool = True,
    leave_one_out: bool = False,
) -> Credit:
    """Mean reward below the segment's node, against the root's and against the parent's.

        R(n) = ([V(n) - V(root)] + [V(n) - V(parent of n)]) / sqrt(|L(n)|)
        V(n) = mean reward of the leaves L(n) below n

    The fields are those of SPO-tree, whose V weighs children where this one weighs leaves. Written
    as twice the value's distance from the mean of root and parent. A leaf without a reward (NaN) is
    left out, and so is the mean over tokens that the authors' code subtracts in the end. Biased:
    both means hold the node itself, and the two gains are two estimates of one thing, added.

    Args:
        down_weight: off leaves out the root of |L(n)|, which keeps segments that many completions
            share from dominating.
        leave_one_out: on multiplies by n / (n - 1) for n leaves of the root, as the authors' code
            does by leaving each leaf out of the mean it is compared with.
    """
    leaf, above = _ancestry(parent, ~node_rewards.isnan())
    reward = node_rewards[leaf]
    value, leaves = torch.zeros_like(node_rewards), torch.zeros_like(node_rewards)
    value[above], leaves[above] = peers.mean(reward, above), peers.count(above, reward)
    root = _roots(parent)
    compared = (value[root] + value[parent.clamp(min=0)]) / 2
    weight = 2 / leaves.clamp(min=1).sqrt() if down_weight else torch.full_like(leaves, 2.0)
    if leave_one_out:
        n = leaves[root]
        weight = weight * n / (n - 1).clamp(min=1)
    here = (node >= 0) & ((parent >= 0) & (leaves > 0))[node.clamp(min=0)]
    at = node.clamp(min=0)
    return Credit(
        target=value[at].where(here, 0.0),
        baseline=compared[at].where(here, 0.0),
        weight=weight[at],
    )


def _ancestry(parent: Tensor, rewarded: Tensor) -> tuple[Tensor, Tensor]:
    """Every pair of a leaf that has a reward and a node on its way to the root, itself included."""
    leaf = above = torch.nonzero(rewarded).flatten()
    leaves, nodes = [leaf], [above]
    while len(above):
        further = parent[above] >= 0
        leaf, above = leaf[further], parent[above[further]]
        leaves.append(leaf)
        nodes.append(above)
    return torch.cat(leaves), torch.cat(nodes)


def _roots(parent: Tensor) -> Tensor:
    """The root above each node."""
    root = torch.arange(len(parent), device=parent.device)
    while bool((parent[root] >= 0).any()):
        root = parent[root].where(parent[root] >= 0, root)
    return root
