"""The advantage itself, from Monte-Carlo values: Q(state, token) - V(state)."""

from explorer import peers
from explorer.types import Credit, PerSample, PerToken, SampleOfToken


def true_advantage(rewards: PerSample, mc_values: PerToken, sample: SampleOfToken) -> Credit:
    """Value after the token minus value before it.

        A_t = V_{t+1} - V_t,    V after the last token = the reward

    What every estimator estimates, up to the error of the values: with N continuations a position
    the error of A is about sqrt(2 V (1 - V) / N). Where positions were left out (NaN), the tokens
    up to the next measured position share the difference; before the first one they get 0.
    """
    measured = ~mc_values.isnan()
    before = peers.latest(mc_values, measured, sample)
    after = peers.upcoming(mc_values, measured, sample, rewards)
    return Credit(target=after.where(~before.isnan(), 0.0), baseline=before.nan_to_num_(0.0))
