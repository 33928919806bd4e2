"""KL-Cov: tokens that use up the entropy on a leash (reconstruction). 2025, arXiv:2505.22617.

Written after verl's function; the paper was not read.
"""

from typing import Annotated

import torch

from explorer.knobs import Slider
from explorer.types import PerToken


def kl_cov(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    share: Annotated[float, Slider(0.0, 0.1, 0.0001, at_least=0.0, at_most=1.0)] = 0.0002,
    beta: Annotated[float, Slider(0.0, 2.0, 0.1, at_least=0.0)] = 1.0,
) -> PerToken:
    """The few tokens whose probability and advantage agree most are held where they were.

        cov_t = (A_t - mean A) (log pi_t - mean log pi),    means over the tokens
        loss_t = -rho A + beta |log rho| if cov_t is among the largest `share`, else -rho A

    A likely token with a high advantage makes the policy surer still, and entropy falls by about
    the mean of cov. There is no clip. At least one token is held. All tokens are
    those of one backward pass.

    Args:
        share: of the tokens that are held; 0 holds one.
        beta: how firmly; 0 is plain importance sampling.
    """
    log_ratio = (new_logprobs - old_logprobs).clamp(-20.0, 20.0)
    likely = new_logprobs.detach()
    cov = (advantage - advantage.mean()) * (likely - likely.mean())
    held = cov.topk(min(max(1, int(share * len(cov))), len(cov))).indices
    leash = torch.zeros_like(cov).index_fill(0, held, beta)
    return -log_ratio.exp() * advantage + leash * log_ratio.abs()
