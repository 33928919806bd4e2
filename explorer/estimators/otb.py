"""Optimal Token Baseline. Li et al. 2026, arXiv:2602.07078."""

from explorer import peers
from explorer.types import Credit, GroupOfSample, PerSample, PerToken, SampleOfToken


def otb(
    rewards: PerSample,
    old_logprobs: PerToken,
    sum_pi_sq: PerToken,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    zero_tail: bool = True,
) -> Credit:
    """Reward minus a mean over the samples still running, weighted by the gradient so far.

        w_t = 1 - 2 pi_t + sum_v pi_v^2,    W_t = sum_{s <= t} w_s
        A_{i,t} = r_i - sum_j r_j W_{j,t} / sum_j W_{j,t},    j: the group's samples with a token t

    w is the squared gradient of log pi with respect to the logits, so the baseline is the one of
    least variance if the logits were the parameters. As in verl. Biased: the sample is in its own
    baseline. A group of one gives 0.

    Args:
        zero_tail: on compares with 0 where one sample has outrun all others, off gives 0 there.
    """
    so_far = peers.within((1 - 2 * old_logprobs.exp() + sum_pi_sq).clamp_(min=0), sample)
    # Around the plain mean, so that large equal rewards leave no rounding behind.
    center = peers.mean(rewards, group)
    excess = peers.abreast(peers.at(rewards - center, sample), so_far, sample, group)
    baseline = peers.at(center, sample).add_(excess)
    if zero_tail:
        baseline.index_fill_(0, peers.unmatched(sample, group), 0.0)
    return Credit(target=peers.at(rewards, sample), baseline=baseline)
