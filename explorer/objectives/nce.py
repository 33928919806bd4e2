"""Noise contrastive objective over a group (reconstruction). After ReNCE, 2026, arXiv:2601.22432.

Neither the paper's body nor its code could be read; this is the multi-label contrast its abstract
names, without the paper's margin, KL penalty and filtering.
"""

from typing import Annotated

from torch.nn.functional import softplus

from explorer import peers
from explorer.knobs import Slider
from explorer.types import GroupOfSample, PerSample, PerToken, SampleOfToken


def nce(
    new_logprobs: PerToken,
    old_logprobs: PerToken,
    rewards: PerSample,
    sample: SampleOfToken,
    group: GroupOfSample,
    *,
    threshold: Annotated[float, Slider(-1.0, 1.0, 0.05)] = 0.0,
    length_mean: bool = False,
) -> PerToken:
    """Pick the right completion out of itself and all the wrong ones of its prompt.

        q_p  = e^{s_p} / (e^{s_p} + sum_{n wrong} e^{s_n}),   s_i = sum_t log pi - log pi_old
        loss = -(1 / P) sum_{p right} log q_p

    There is no advantage: what a completion is worth follows from the others' scores. The tokens of
    a right completion carry G / P times its -log q_p, so that the aggregation sequence_mean gives
    the mean over prompts of this loss. A prompt without right, or without wrong, completions has
    none. |s| is kept within 20.

    Args:
        threshold: a completion is right if its reward exceeds this.
        length_mean: on divides s by the completion's length, so that long ones count no more.
    """
    log_ratio = new_logprobs - old_logprobs
    if length_mean:
        log_ratio = log_ratio / peers.count(sample, log_ratio)
    s = log_ratio.new_zeros(len(rewards)).index_add(0, sample, log_ratio).clamp(-20.0, 20.0)
    right = (rewards > threshold).to(s.dtype)
    wrongs = peers.total((1 - right) * s.exp(), group)
    rights = peers.total(right, group)
    contrasted = (right > 0) & (wrongs > 0)
    nll = softplus(wrongs.where(contrasted, 1.0).log() - s)
    share = peers.count(group, s) / rights.clamp(min=1)
    return (share * nll).where(contrasted, 0.0)[sample]
