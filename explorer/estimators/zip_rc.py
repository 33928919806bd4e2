"""Reconstruction: the reward predicted at every token (ZIP-RC, arXiv:2512.01457) as a baseline."""

from typing import Literal

import torch

from explorer import peers
from explorer.types import Credit, PerSample, PerToken, SampleOfToken


def zip_rc(
    rewards: PerSample,
    zip_values: PerToken,
    sample: SampleOfToken,
    *,
    form: Literal["return", "gain"] = "return",
) -> Credit:
    """Reward, or the next prediction, minus the prediction before the token.

        A_t = r - V_t    or    A_t = V_{t+1} - V_t,  V after the last token = r

    V_t = sum_b v_b p_t(b), of a predictor of reward and length. The paper reads it from reserved
    logits of the policy itself, at no extra forward pass, and searches with it; as a baseline it is
    our reading, and the trainer's predictor stands beside the policy (`explorer.joint`). The
    predictions of a sample add up: its gains sum to r - V_0.

    Args:
        form: return says how much better the completion was than expected here, gain what this
            token changed.
    """
    outcome = peers.at(rewards, sample)
    if form == "gain":
        outcome = torch.where(peers.ends(sample), outcome, zip_values.roll(-1))
    return Credit(target=outcome, baseline=zip_values)
