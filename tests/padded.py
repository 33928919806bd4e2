"""A flat batch as trainers hold one: `[samples, longest]` with a mask, padding at the end."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.testing import assert_close

from explorer import peers
from explorer.types import Rollouts


@dataclass(frozen=True)
class Padded:
    """Where each token of a flat batch stands in a padded one; holes of the mask stay holes."""

    sample: Tensor
    place: Tensor
    mask: Tensor  # [samples, longest], 1 where the policy sampled the token

    def pad(self, x: Tensor) -> Tensor:
        """An array of tokens, padded with zeros."""
        full = torch.zeros(self.mask.shape, dtype=x.dtype)
        full[self.sample, self.place] = x
        return full

    def flat(self, x: Tensor) -> Tensor:
        """The tokens of a padded array."""
        return x[self.sample, self.place]

    def at_end(self, rewards: Tensor) -> Tensor:
        """Rewards of completions, each at the last sampled token."""
        place = torch.arange(self.mask.shape[1])
        last = torch.where(self.mask > 0, place, 0).amax(1)
        full = torch.zeros(self.mask.shape, dtype=rewards.dtype)
        full[torch.arange(len(rewards)), last] = rewards
        return full


def padded(rollouts: Rollouts) -> Padded:
    """The layout of a batch."""
    sample, place = rollouts.sample, peers.position(rollouts.sample)
    mask = torch.zeros(len(rollouts.rewards), int(place.max()) + 1, dtype=torch.float64)
    mask[sample, place] = rollouts.mask.double()
    return Padded(sample, place, mask)


def close(actual, expected, tolerance: float = 1e-6):
    assert_close(actual, expected, rtol=tolerance, atol=tolerance, check_dtype=False)
