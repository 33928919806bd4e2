"""The advantages that a trainer wrote into its log, to set beside the others."""

import torch

from explorer.types import Credit, PerToken


def logged(logged_advantages: PerToken) -> Credit:
    """What the trainer used, as it is; 0 where it wrote nothing.

    Target is the logged number and the baseline is 0: how the trainer split it is not in the log.
    Unbiased if the trainer's estimator was.
    """
    advantage = logged_advantages.nan_to_num(0.0)
    return Credit(target=advantage, baseline=torch.zeros_like(advantage))
