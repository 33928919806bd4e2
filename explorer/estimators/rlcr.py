"""RLCR: one reward for answer and stated confidence. Damani et al. 2025, arXiv:2507.16806."""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSampleBlock, SampleOfToken


def rlcr(
    block_rewards: PerSampleBlock,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    calibration: Annotated[float, Slider(0.0, 2.0, 0.1, at_least=0.0)] = 1.0,
) -> Credit:
    """Sum of the blocks' rewards minus its mean over the group, on every token.

        R = c - (q - c)^2,    A_{i,t} = R_i - mean(R)

    c: the answer is right, q: the stated confidence; that is the reward of the first block plus
    those of the others. What the confidence earned also credits the answer, and the other way
    round. As in the authors' code without division by the spread. An absent block earns 0, a
    group of one gives 0.

    Args:
        calibration: weight of all blocks but the first; 0 rewards the answer alone.
    """
    earned = block_rewards.nan_to_num(0.0)
    total = earned[:, 0] + calibration * earned[:, 1:].sum(1)
    return Credit(
        target=peers.at(total, sample),
        baseline=peers.at(peers.mean(total, group), sample),
        peers=peers.at(group.int(), sample),
    )
