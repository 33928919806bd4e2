"""Reward and remaining length, foretold together at every token. ZIP-RC, arXiv:2512.01457.

The paper reserves logits of the policy's own vocabulary, fine-tunes the policy on them, and holds
the rest of its distribution by a KL to what it was. A vocabulary of 27 has no 56 logits to spare,
and a policy that is compared under other estimators must not be moved by this one: so the logits
stand on a reader of their own, and that KL is 0.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from explorer import peers, ragged
from explorer.reader import Reader
from explorer.types import PerToken, Rollouts

REWARDS = 7  # values that the paper's second label has
LENGTHS = 8  # bins of remaining tokens, each twice as wide as the one before

Joint = Float[Tensor, "tokens rewards lengths"]


class ZipRC(nn.Module):
    """p_t(b, l): the final reward is v_b, and the tokens that follow number as many as bin l says.

        minimise mean_t CE(p_t, labels),    V_t = sum_b v_b sum_l p_t(b, l)

    Rewards lie between the least and the largest of the first batch, in equal steps; one between
    two values is shared by both, so that V_t can be exact, and one outside counts as the nearest.
    Until the first batch V is 0.

    Args:
        limit: tokens of the longest completion; the last length bin is its upper half.
    """

    lowest: Tensor
    highest: Tensor

    def __init__(self, vocabulary: int, limit: int, seed: int = 0) -> None:
        super().__init__()
        self.reader = Reader(vocabulary, REWARDS * LENGTHS, seed)
        self.register_buffer("lowest", torch.zeros(()))
        self.register_buffer("highest", torch.zeros(()))
        self.edges = [limit / 2**k for k in reversed(range(1, LENGTHS))]

    def distribution(self, rollouts: Rollouts) -> Joint:
        """p_t before each token."""
        said = self.reader(rollouts).softmax(-1)
        return said.view(-1, REWARDS, LENGTHS)

    def values(self, rollouts: Rollouts) -> PerToken:
        """The expected reward before each token."""
        return expected(self.distribution(rollouts), self._rewards())

    def loss(self, rollouts: Rollouts) -> PerToken:
        """The cross entropy at each token in nats, with gradient."""
        said = self.reader(rollouts).log_softmax(-1)
        return -(self.labels(rollouts).flatten(1) * said).sum(-1)

    def labels(self, rollouts: Rollouts) -> Joint:
        """What came true at each token: weights that sum to 1."""
        width = (self.highest - self.lowest) / (REWARDS - 1)
        place = ((rollouts.rewards - self.lowest) / width).clamp(0, REWARDS - 1)
        values = torch.arange(REWARDS, device=place.device)
        shared = (1 - (place[:, None] - values).abs()).clamp(min=0)[rollouts.sample]
        return shared[:, :, None] * self._lengths(rollouts)[:, None, :]

    @torch.no_grad()
    def settle(self, rollouts: Rollouts) -> None:
        """Fix the rewards' range, and begin with how often each label came."""
        low, high = rollouts.rewards.aminmax()
        self.lowest.copy_(low)
        self.highest.copy_(high if high > low else low + 1)
        often = self.labels(rollouts)[rollouts.mask].mean(0).flatten()
        self.reader.head.bias.copy_((often + 1e-3).log())

    def _rewards(self) -> Tensor:
        steps = torch.linspace(0, 1, REWARDS, device=self.lowest.device)
        return self.lowest + (self.highest - self.lowest) * steps

    def _lengths(self, rollouts: Rollouts) -> Tensor:
        """The bin of the tokens that follow each one, one-hot."""
        sizes = ragged.lengths(rollouts)[rollouts.sample]
        left = sizes - peers.position(rollouts.sample) - 1
        edges = torch.tensor(self.edges, device=left.device)
        found = torch.bucketize(left.to(edges), edges, right=True)
        return nn.functional.one_hot(found, LENGTHS).to(self.lowest)


def expected(joint: Joint, values: Tensor) -> PerToken:
    """The mean of the values under the first margin."""
    return joint.sum(-1) @ values
