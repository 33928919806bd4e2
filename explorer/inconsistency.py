"""How far an explored tree is from what a model would explore: DI and DIR; reconstruction.

Hint-Practice Reasoning, arXiv:2511.10038. The definitions are from the abstract and notes; the
closed form and the numbers of the test are derived from them, the search around them is not here.
"""

import torch
from jaxtyping import Bool, Float

from explorer.types import ParentOfNode

LogOfNode = Float[torch.Tensor, "nodes"]
Explored = Bool[torch.Tensor, "nodes"]


def inconsistency(parent: ParentOfNode, logprobs: LogOfNode, explored: Explored) -> float:
    """Distributional inconsistency of the explored nodes, in nats; 0: all that can come is there.

        DI(V) = KL(Q_V || P) = sum over inner explored v of Q_V(v) (-log Z(v))

    Z(v) is the probability that the model P goes on from v to an explored child, Q_V its
    distribution over the explored tree: at each node P's, normalised. `logprobs` are P's, of a node
    given its parent. An explored node whose parent is not explored counts as unreached.
    """
    reach = torch.zeros_like(logprobs)
    mass = torch.zeros_like(logprobs)
    for node, above in enumerate(parent.tolist()):
        if above >= 0 and explored[node]:
            mass[above] += logprobs[node].exp()
    for node, above in enumerate(parent.tolist()):  # parents are numbered before their children
        if explored[node]:
            share = logprobs[node].exp() / mass[above] if above >= 0 else 1.0
            reach[node] = share * (reach[above] if above >= 0 else 1.0)
    inner = mass > 0
    return float(-(reach[inner] * mass[inner].log()).sum())


def reduction(
    parent: ParentOfNode, logprobs: LogOfNode, explored: Explored, candidate: int
) -> float:
    """What exploring a node, and those on the way to it, takes off the inconsistency: DIR, in nats.

    DIR(v) = DI(V) - DI(V + v). The candidate with the largest is explored next.
    """
    more = explored.clone()
    node = candidate
    while node >= 0:
        more[node] = True
        node = int(parent[node])
    return inconsistency(parent, logprobs, explored) - inconsistency(parent, logprobs, more)
