"""Generalized Advantage Estimation with a critic. Schulman et al. 2016, arXiv:1506.02438."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, PerSample, PerToken, SampleOfToken


def gae(
    rewards: PerSample,
    values: PerToken,
    sample: SampleOfToken,
    *,
    gamma: Annotated[float, Slider(0.9, 1.0, 0.005, at_least=0.0, at_most=1.0)] = 1.0,
    lam: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0, at_most=1.0)] = 0.95,
    alpha: Annotated[float, Slider(0.0, 0.5, 0.01, at_least=0.0)] = 0.0,
    whiten: bool = False,
) -> Credit:
    """Lambda-return minus the critic's value before the token.

        delta_t = r_t + gamma V_{t+1} - V_t
        A_t = delta_t + gamma lam A_{t+1}                                          (eq. 11, 12, 16)

    The reward is paid at the last token, after which V is 0. `values[t]` is the value of the state
    in which token t is chosen. Unbiased if the critic is exact, or at lam 1 whatever the critic.

        lam_i = max(0, 1 - 1 / (alpha l_i)),    l_i tokens in sample i        (VAPO, 2504.05118)

    Args:
        gamma: 1 counts tokens near and far from the reward alike, lower ones favour the near.
        lam: 0 trusts the critic, 1 trusts the reward.
        alpha: 0 takes lam for all; else long samples trust the reward more than short ones, and
            large alphas more than small ones. VAPO's is 0.05.
        whiten: on centres and scales over the tokens of the batch, as PPO's trainers do, which
            moves the zero.
    """
    last = peers.ends(sample)
    delta = torch.where(last, peers.at(rewards, sample), gamma * values.roll(-1)) - values
    trust = (1 - 1 / (alpha * peers.count(sample, values))).clamp(min=0) if alpha else lam
    advantage = peers.tail(delta, gamma * trust, sample)
    target = values + advantage
    if not whiten:
        return Credit(target=target, baseline=values)
    center, unit = peers.whitening(advantage)
    return Credit(target=target, baseline=values + center, scale=unit.expand_as(values))
