"""Divergence Proximal Policy Optimization, top-K divergences. 2026, arXiv:2602.04879."""

from typing import Annotated, Literal

import torch
from torch import Tensor

from explorer.knobs import Slider
from explorer.types import PerToken, PerTokenTop, TokenIds, TopTokens


def dppo_topk(
    new_logprobs: PerToken,
    logprobs: PerToken,
    new_top_logprobs: PerTokenTop,
    top_logprobs: PerTokenTop,
    top_tokens: TopTokens,
    tokens: TokenIds,
    advantage: PerToken,
    *,
    k: Annotated[int, Slider(1, 20, 1, at_least=1)] = 20,
    divergence: Literal["tv", "kl"] = "tv",
    delta_tv: Annotated[float, Slider(0.0, 1.0, 0.01, at_least=0.0)] = 0.15,
    delta_kl: Annotated[float, Slider(0.0, 0.5, 0.01, at_least=0.0)] = 0.05,
    c: Annotated[float, Slider(1.0, 1e4, 1.0, at_least=0.0)] = 1e4,
) -> PerToken:
    """A token stops being pushed once the distribution it was drawn from has moved too far.

        loss_t = -sg(min(rho, c) M) A log pi,   rho = pi / mu,   mu of the sampler itself
        M = 0 where D > delta and A pushes rho further from 1, else 1
        tv: D = 1/2 sum |pi - mu|      kl: D = sum mu log(mu / pi)

    The sums are over the sampler's K likeliest tokens, the sampled one, and all others as one. So D
    lies between that of `dppo`, which knows "this token" and "any other", and the full divergence.
    The paper finds no clear gain over `dppo`.

    Args:
        k: likeliest tokens that are told apart, as far as they were recorded.
        divergence: tv is the difference of the probabilities, kl weighs it by where they stand.
        delta_tv: how far the distribution may move; 1 never stops.
        delta_kl: how far it may move, in nats.
        c: the largest weight; large ones are plain importance sampling.
    """
    log_ratio = (new_logprobs - logprobs).detach().clamp(-20.0, 20.0)
    among = (top_tokens[:, :k] == tokens[:, None]).any(1)
    mu = _buckets(top_logprobs[:, :k], logprobs, among)
    pi = _buckets(new_top_logprobs[:, :k], new_logprobs, among)
    if divergence == "tv":
        far = (pi - mu).abs().sum(1) / 2 > delta_tv
    else:
        far = (mu * (mu / pi).log()).sum(1) > delta_kl
    away = torch.where(advantage > 0, log_ratio > 0, log_ratio < 0)
    weight = log_ratio.exp().clamp(max=c).where(~(far & away), 0.0)
    return -weight * advantage * new_logprobs


def _buckets(top: Tensor, sampled: Tensor, among: Tensor) -> Tensor:
    """Probability of each of the likeliest tokens, of the sampled one if not among them, and of
    the rest: [tokens, K + 2]. Never 0, so that its logarithm stays finite.
    """
    own = sampled.exp().where(~among, 0.0)
    named = torch.cat([top.exp(), own[:, None]], 1).detach()
    return torch.cat([named, 1 - named.sum(1, keepdim=True)], 1).clamp(min=1e-8)
