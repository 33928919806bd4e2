"""CISPO: the ratio is capped, the gradient never cut. MiniMax 2025, arXiv:2506.13585."""

from typing import Annotated, Literal

from explorer.knobs import Slider
from explorer.types import PerToken


def cispo(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    advantage: PerToken,
    *,
    convention: Literal["interval", "absolute"] = "interval",
    eps_low: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 1.0,
    eps_high: Annotated[float, Slider(0.0, 5.0, 0.1, at_least=0.0)] = 0.2,
    cap: Annotated[float, Slider(1.0, 10.0, 0.5, at_least=0.0)] = 5.0,
) -> PerToken:
    """Every token keeps a gradient, its importance weight bounded.

        loss_t = -sg(w) A log pi
        interval:  w = clip(rho, 1 - eps_low, 1 + eps_high)                     (the paper, verl)
        absolute:  w = min(rho, cap)                               (TRL, which writes epsilon_high)

    Settings do not carry over from one convention to the other. The paper switches the lower bound
    off (eps_low 1) and does not disclose eps_high; 0.2 is verl's, whose eps_low is 0.2 too.

    Args:
        convention: interval counts the bounds from 1, absolute caps the ratio itself.
        eps_low: interval: 0 lifts every weight to 1 or more, 1 is no lower bound.
        eps_high: interval: 0 lets no weight exceed 1.
        cap: absolute: the largest weight; large ones are plain importance sampling.
    """
    ratio = (new_logprobs - old_logprobs).detach().clamp(max=20.0).exp()
    bounded = convention == "interval"
    weight = ratio.clamp(1 - eps_low, 1 + eps_high) if bounded else ratio.clamp(max=cap)
    return -weight * advantage * new_logprobs
