"""Cutpoints of Segment Policy Optimization. Guo et al. 2025, arXiv:2505.23564."""

from typing import Annotated

from explorer import peers
from explorer.knobs import Slider
from explorer.types import PerToken, SampleOfToken, Starts


def cutpoint(
    logprobs: PerToken,
    sample: SampleOfToken,
    *,
    rho: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.9,
    interval: Annotated[int, Slider(1, 20, 1, at_least=1)] = 5,
) -> Starts:
    """A segment starts at every interval-th token whose probability is below rho.

    The first such token of a sample starts one, and so does the sample. So each segment holds the
    same number of tokens at which the policy had a choice, as the paper's partition asks for.

    Args:
        rho: 0 has no cutpoints, 1 counts every token that was not certain; also the threshold of
            the mask in spo_chain, as in the paper, which has one rho for both.
        interval: cutpoints a segment; 1 cuts at each, large ones leave a completion whole.
    """
    low = logprobs.exp() < rho
    nth = peers.within(low.to(logprobs.dtype), sample) - 1
    return (low & (nth % interval == 0)) | peers.starts(sample)
