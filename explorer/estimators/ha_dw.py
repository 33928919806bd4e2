"""History-Aware Adaptive Difficulty Weighting. Yang et al. 2026, arXiv:2601.08521."""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, SampleOfToken


def ha_dw(
    rewards: PerSample,
    anchor: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    lam: Annotated[float, Slider(0.5, 2.0, 0.1, at_least=0.0)] = 1.5,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """GRPO with right answers to hard prompts and wrong ones to easy prompts made larger.

        A' = A lam exp(-sgn(A) sgn(d) |d|) = A lam exp(-sgn(A) d),    d = mean(r) - anchor

    The anchor is the accuracy that the history of the run lets expect: the paper's is a belief
    from before this batch (the trainer's `--anchor belief`), the authors' code averages the last
    batches, this one included (`window`). The claim is that a group mean, seen only where answers
    differ, overstates hard prompts and understates easy ones. A group no longer sums to 0. Rewards
    lie in [0, 1]; |d| is held to 1.

    Args:
        lam: scales everything: at d = 0 the weight is lam, not 1.
        eps: added to the spread; 0 trusts even the smallest spread, large ones mute close groups.
    """
    mean = peers.mean(rewards, group)
    surprise = (mean - anchor).clamp(-1, 1)
    weight = lam * (-(rewards - mean).sign() * surprise).exp()
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean, sample),
        scale=peers.at(peers.unit(rewards, group, eps), sample),
        weight=peers.at(weight, sample),
        peers=peers.at(group.int(), sample),
    )
