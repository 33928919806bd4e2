"""Divergence Proximal Policy Optimization, binary divergences. 2026, arXiv:2602.04879."""

from typing import Annotated, Literal

import torch

from explorer.knobs import Slider
from explorer.types import PerToken


def dppo(
    new_logprobs: PerToken,
    logprobs: PerToken,
    advantage: PerToken,
    *,
    divergence: Literal["tv", "kl"] = "tv",
    delta_tv: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0)] = 0.15,
    delta_kl: Annotated[float, Slider(0.0, 0.5, 0.01, at_least=0.0)] = 0.05,
    c: Annotated[float, Slider(1.0, 1e4, 1.0, at_least=0.0)] = 1e4,
) -> PerToken:
    """A token stops being pushed once its probability, not its ratio, has moved too far.

        loss_t = -sg(min(rho, c) M) A log pi,   rho = pi / mu,   mu of the sampler itself
        M = 0 where D > delta and A pushes rho further from 1, else 1
        tv: D = |pi - mu|      kl: D = mu log(mu / pi) + (1 - mu) log((1 - mu) / (1 - pi))

    So a rare token may become a hundred times likelier, and a likely one may not lose a fifth. D
    is between "this token" and "any other". A mismatch of sampler and trainer counts as moved. The
    paper has no c; code falls back to 3 or 10 where a script does not lift it, as this one does.

    Args:
        divergence: tv is the difference of the probabilities, kl weighs it by where they stand.
        delta_tv: how far a probability may move; 1 never stops.
        delta_kl: how far it may move, in nats.
        c: the largest weight; large ones are plain importance sampling.
    """
    log_ratio = (new_logprobs - logprobs).detach().clamp(-20.0, 20.0)
    mu, pi = logprobs.exp(), new_logprobs.detach().exp()
    if divergence == "tv":
        far = (pi - mu).abs() > delta_tv
    else:
        # Rounding must not make 1 - p negative, nor zero.
        rest = ((1 - mu).clamp(min=1e-8), (1 - pi).clamp(min=1e-8))
        far = -mu * log_ratio + rest[0] * (rest[0] / rest[1]).log() > delta_kl
    away = torch.where(advantage > 0, log_ratio > 0, log_ratio < 0)
    weight = log_ratio.exp().clamp(max=c).where(~(far & away), 0.0)
    return -weight * advantage * new_logprobs
