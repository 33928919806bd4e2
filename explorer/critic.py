"""The critic: the reward that is expected before each token, learnt from the rewards that came."""

import torch
from torch import nn

from explorer.reader import Reader
from explorer.types import PerToken, Rollouts


class Critic(nn.Module):
    """V(s_t), the expected reward of the state in which token t is chosen.

        minimise mean_t (V(s_t) - R)^2

    R is the reward of the completion: the Monte-Carlo return, without discount. A new critic says
    0; after its first batch it begins at that batch's mean return.
    """

    def __init__(self, vocabulary: int, seed: int = 0) -> None:
        super().__init__()
        self.reader = Reader(vocabulary, 1, seed)

    def values(self, rollouts: Rollouts) -> PerToken:
        """V of the state before each token, with gradient."""
        return self.reader(rollouts).squeeze(-1)

    def loss(self, rollouts: Rollouts) -> PerToken:
        """The squared error at each token, with gradient."""
        return (self.values(rollouts) - rollouts.rewards[rollouts.sample]).square()

    @torch.no_grad()
    def settle(self, rollouts: Rollouts) -> None:
        """Begin with the mean return."""
        self.reader.head.bias.fill_(rollouts.rewards[rollouts.sample][rollouts.mask].mean())
