"""The advantage itself, from Monte-Carlo values: Q(state, token) - V(state)."""

import torch

from explorer import peers
from explorer.types import Credit, PerSample, PerToken, SampleOfToken


def true_advantage(rewards: PerSample, mc_values: PerToken, sample: SampleOfToken) -> Credit:
    """Value after the token minus value before it.

        A_t = V_{t+1} - V_t,    V after the last token = the reward

    What every estimator estimates, up to the error of the values: with N continuations a position
    the error of A is about sqrt(2 V (1 - V) / N). Where positions were left out (NaN), the tokens
    up to the next measured position share the difference; before the first one they get 0.
    """
    last = peers.ends(sample)
    measured = ~mc_values.isnan()
    value = mc_values.nan_to_num(0.0)
    unmeasured = (~measured).to(value.dtype)
    # The nearest measured value at t or after it, and at t or before it.
    nearest = torch.where(last & ~measured, rewards[sample], value)
    at_or_after = peers.tail(nearest, unmeasured, sample)
    before = peers.tail(value.flip(0), unmeasured.flip(0), sample.flip(0)).flip(0)
    target = torch.where(last, rewards[sample], at_or_after.roll(-1))
    known = peers.within(measured.to(value.dtype), sample) > 0
    return Credit(target=target.where(known, 0.0), baseline=before.where(known, 0.0))
