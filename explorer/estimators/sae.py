"""Segmental Advantage Estimation (reconstruction). Gong et al. 2026, arXiv:2601.07320.

The paper's body could not be read; the rule is that of third-party notes on its sections 3 to 5.
"""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import By, Slider
from explorer.types import Credit, PerSample, PerToken, SampleOfToken, SegmentOfToken


def sae(
    rewards: PerSample,
    values: PerToken,
    segment: Annotated[SegmentOfToken, By("low_probability")],
    sample: SampleOfToken,
    *,
    lam: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.95,
) -> Credit:
    """Generalized advantage that trusts the critic only where a segment begins.

        A_t = delta_t + lambda_t A_{t+1},   delta_t = V(s_{t+1}) - V(s_t)
        lambda_t = lam where token t+1 opens a segment, 1 inside of one

    `values[t]` is the value of the state in which token t is chosen; after the last token comes the
    reward. No discount. So the critic's errors enter at segment starts only: the bias is smaller
    than GAE's, the variance that of as many steps as there are segments. One segment a completion
    is reward minus value, one segment a token is GAE. The paper's lam was not readable; this one
    is VAPO's (arXiv:2504.05118).

    Args:
        lam: 0 trusts the value at the next segment's start, 1 only the reward.
    """
    ahead = torch.where(peers.ends(sample), peers.at(rewards, sample), values.roll(-1))
    # What follows is trusted less where the next token opens a segment.
    decay = torch.where(peers.starts(segment).roll(-1), lam, values.new_ones(()))
    return Credit(target=values + peers.tail(ahead.sub_(values), decay, sample), baseline=values)
