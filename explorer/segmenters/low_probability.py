"""Cuts at tokens that surprised the policy. Gong et al. 2026, arXiv:2601.07320 (reconstruction)."""

from typing import Annotated, Literal

from explorer import peers
from explorer.knobs import Slider
from explorer.types import PerToken, SampleOfToken, Starts


def low_probability(
    logprobs: PerToken,
    sample: SampleOfToken,
    *,
    p: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.2,
    side: Literal["start", "end"] = "start",
) -> Starts:
    """A segment starts at, or after, each sampled token whose probability is below p.

    The probability is the one the token was sampled with, temperature included. On which side of
    the token the paper cuts was not readable. Side `start` puts the cut into the state in which the
    token was chosen, where the value of what follows is most open.

    Args:
        p: 0 never cuts, 1 cuts at every token that was not certain.
        side: start, the token opens a segment; end, it closes one.
    """
    low = logprobs.exp() < p
    if side == "end":
        low = low.roll(1)
    return low | peers.starts(sample)
