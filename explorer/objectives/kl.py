"""Distance from the reference policy. Schulman 2020, "Approximating KL divergence"."""

from typing import Literal

from explorer.types import PerToken


def kl(
    new_logprobs: PerToken, ref_logprobs: PerToken, *, estimator: Literal["k1", "k2", "k3"] = "k3"
) -> PerToken:
    """An estimate of KL(pi || pi_ref) from the sampled token; a penalty to add to another loss.

        l = log pi_ref - log pi
        k1 = -l      k2 = l^2 / 2      k3 = exp(l) - l - 1

    In nats. As values on the policy's own samples k1 and k3 are unbiased, k2 is not; k2 and k3 are
    never negative. As losses, only the gradient of k2 is that of the KL; k1's is zero on average
    and k3's is that of the KL the other way round. |l| is kept within 20.

    Args:
        estimator: k1 is the plain difference, k2 its square, k3 GRPO's.
    """
    log_ratio = (ref_logprobs - new_logprobs).clamp(-20.0, 20.0)
    if estimator == "k1":
        return -log_ratio
    if estimator == "k2":
        return log_ratio**2 / 2
    return log_ratio.expm1() - log_ratio
