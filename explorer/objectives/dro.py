"""Direct Reward Optimisation (reconstruction). Richemond et al. 2024, arXiv:2405.19107.

Written after verl's function; the paper was not read.
"""

from typing import Annotated

from explorer.knobs import Slider
from explorer.types import PerToken


def dro(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    beta: Annotated[float, Slider(0.01, 2.0, 0.01, at_least=0.0)] = 0.1,
) -> PerToken:
    """No ratio and no clip: the log-probability may move as far as the advantage pays for.

        loss_t = -(A log pi - beta / 2 (log pi - log pi_old)^2)

    The gradient is (A - beta log rho) grad log pi: it is REINFORCE's at rho = 1, ends where
    log rho = A / beta, and beyond that points back, whatever the sign of A. The paper's value
    term is the estimator's business here.

    Args:
        beta: 0 is REINFORCE, large ones hold every token close to where it was sampled.
    """
    log_ratio = new_logprobs - old_logprobs
    return -(advantage * new_logprobs - beta / 2 * log_ratio.square())
