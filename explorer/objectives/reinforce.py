"""REINFORCE: no ratio, no clip. GPG: Chu et al. 2025, arXiv:2504.02546."""

from explorer.types import PerToken


def reinforce(new_logprobs: PerToken, advantage: PerToken) -> PerToken:
    """The score, weighted with the advantage.

        loss_t = -A log pi

    Right only where the policy is the one that sampled: one update a batch.
    """
    return -new_logprobs * advantage
