"""The tree of figure 2b in Guo et al. 2025: three children with three leaves each."""

import torch
from torch import Tensor

from explorer.types import Rollouts

LEAVES = [1, 0, 1, 1, 1, 1, 0, 0, 0]
CHILDREN = [1, 2, 3]  # node 0 is the root, 1 to 3 its children, 4 to 12 the leaves

# Nine completions of two tokens. The first token of a child's second and third completion was
# sampled in its first one.
FIGURE_2B = Rollouts.from_lists(
    tokens=[[1, 1]] * 9,
    rewards=LEAVES,
    group=[0] * 9,
    mask=[[leaf % 3 == 0, True] for leaf in range(9)],
    logprobs=[[-1.0, -1.0]] * 9,
    node=[[CHILDREN[leaf // 3], 4 + leaf] for leaf in range(9)],
    parent=[-1, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    node_rewards=[None] * 4 + LEAVES,
    dtype=torch.float64,
)


def of_nodes(x: Tensor, rollouts: Rollouts) -> list[float]:
    """What the sampled tokens of each node got; the root has none and stands as 0."""
    assert rollouts.node is not None and rollouts.parent is not None
    got = x.new_zeros(len(rollouts.parent))
    got[rollouts.node[rollouts.mask]] = x[rollouts.mask]
    return got.tolist()
