"""LaSeR: GRPO mixed with the policy's own verdict. Yang et al. 2025, arXiv:2510.14943."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, Finished, GroupOfSample, PerSample, SampleOfToken


def laser(
    rewards: PerSample,
    self_reward: PerSample,
    finished: Finished,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    tau: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.1,
    spread: Annotated[float, Slider(0.0, 0.5, 0.01, at_least=0.0)] = 0.1,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """GRPO on the reward, mixed with GRPO on the verdict that the policy gives itself.

        A = (1 - tau) (r - mean(r)) / (std(r) + eps) + tau (u - mean(u)) / std(u)
        u = clip(beta (log pi(z | answer) - c), 0, 1)

    `self_reward` is beta (log pi(z | answer) - c), z an unused token read after the end: about 1
    says right, about 0 says wrong; the trainer trains it with the policy (`explorer.verdict`). An
    unfinished completion has u = 0. The second term is the bonus; where the verdicts of a group
    hardly differ, the first stands for it. So nothing is mixed in before the verdicts say
    something, and there is no warm-up to wait for, as in the authors' code.

    Args:
        tau: 0 trusts the reward, 1 the policy's own verdict.
        spread: of the verdicts in a group, up to which they are not trusted.
        eps: added to the spread of the rewards; large ones mute close groups.
    """
    mean, unit = peers.mean(rewards, group), peers.unit(rewards, group, eps)
    verdict = self_reward.clamp(0, 1).where(finished, 0.0)
    sure = peers.std(verdict, group) > spread
    own = (verdict - peers.mean(verdict, group)) / peers.unit(verdict, group, 0.0)
    bonus = tau * torch.where(sure, own, (rewards - mean) / unit)
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean, sample),
        scale=peers.at(unit, sample),
        weight=1 - tau,
        bonus=peers.at(bonus, sample),
        peers=peers.at(group.int(), sample),
    )
