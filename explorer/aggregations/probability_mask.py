"""Only tokens at which the policy had a choice count. SPO: Guo et al. 2025, arXiv:2505.23564."""

from typing import Annotated

from explorer.knobs import Slider
from explorer.types import PerToken


def probability_mask(
    logprobs: PerToken,
    *,
    rho: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.9,
) -> PerToken:
    """Mean over the tokens of the batch whose probability is below rho; the others weigh nothing.

        c_t = M_t / Z,   M_t = 1{pi_old(y_t | s_t) < rho},   Z = sum_t M_t

    All zero where no token is below rho. For SPO-tree the paper counts in Z the tokens of nodes
    with an advantage only; here Z counts them all, which is a factor of the learning rate.

    Args:
        rho: 1 is the mean over all tokens that were not certain, small ones train surprises only.
    """
    counted = (logprobs.exp() < rho).to(logprobs.dtype)
    return counted / counted.sum().clamp(min=1)
