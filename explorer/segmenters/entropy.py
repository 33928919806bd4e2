"""Forking tokens: where the policy was least decided. Wang et al. 2025, arXiv:2506.01939."""

from typing import Annotated

import torch

from explorer import peers
from explorer.knobs import Slider
from explorer.types import PerToken, SampleOfToken, Starts


def entropy(
    entropy: PerToken,
    sample: SampleOfToken,
    *,
    share: Annotated[float, Slider(0.0, 1.0, 0.05, at_least=0.0, at_most=1.0)] = 0.2,
) -> Starts:
    """A segment starts at each token among the batch's most uncertain share.

    The paper calls the 20 % of tokens with the highest entropy forks and trains on them alone; the
    cut before each of them is ours. The threshold is one for the whole batch, as in the paper, so
    that a completion without doubt stays whole.

    Args:
        share: 0 never cuts, 1 cuts at every token but the surest.
    """
    threshold = torch.nanquantile(entropy, 1 - share) if len(entropy) else 0.0
    return (entropy > threshold) | peers.starts(sample)
