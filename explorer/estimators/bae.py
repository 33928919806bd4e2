"""Blockwise Advantage Estimation with an Outcome-Conditioned Baseline, OCB.

Pavlenko et al. 2026, arXiv:2602.10231.
"""

from typing import Annotated, Literal

import torch
from torch import Tensor

from explorer import peers
from explorer.knobs import Slider
from explorer.types import (
    BlockOfToken,
    Credit,
    GroupOfSample,
    OutcomePerBlock,
    PerSampleBlock,
    SampleOfToken,
)


def bae(
    block_rewards: PerSampleBlock,
    outcomes: OutcomePerBlock,
    block: BlockOfToken,
    sample: SampleOfToken,
    group: GroupOfSample,
    *,
    baseline: Literal["ocb", "group", "batch", "none"] = "ocb",
    leave_one_out: bool = False,
    shrinkage: Annotated[float, Slider(0.0, 8.0, 0.5, at_least=0.0)] = 0.0,
    divide_by_std: bool = False,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
    mistake: Literal[
        "none", "own_outcome", "zero_baseline", "second_mean", "across_prompts"
    ] = "none",
) -> Credit:
    """Reward of the token's block, minus the mean over samples whose text before it came out alike.

        A_k^i = r_k^i - mean of r_k^j over {j : o_k^j = o_k^i},   o_k = o_k(x, X_<k)

    The peers are the samples of one prompt in one stratum. Block 0 has no text before it: its peers
    are the whole group, whatever the baseline. A sample that lacks the block (no token, or a NaN
    reward) is left out of the mean. A token in no block gets 0, and so does a sample alone in its
    stratum, since it is its own mean. A token never gets credit for later blocks.

    Including the sample in its own mean shrinks the expected gradient by E[n - 1] / E[n] with n the
    size of a stratum: 0.75 for two equally likely outcomes among 8 samples, 0.94 among 32.

    Args:
        baseline: ocb compares within strata, group within the prompt, batch with everybody, none
            with zero; for blocks after the first.
        leave_one_out: on leaves a sample out of its own baseline, which undoes the shrinking; off
            is the paper.
        shrinkage: samples' worth of the group's mean mixed into each stratum's; 0 is the paper,
            large ones are the group mean. Helps thin strata.
        divide_by_std: on measures in units of the stratum's spread; off is the paper.
        eps: added to that spread; 0 trusts even the smallest spread.
        mistake: what goes wrong in copies of the method, with the other settings as in the paper:
            block 0 compared within its own outcome, no baseline for a sample alone in its stratum,
            that and the group's mean subtracted again, strata over all prompts.
    """
    here, entry = _entries(block_rewards, block, sample)
    i, k = here.nonzero(as_tuple=True)
    first = k == 0
    r, o, g = block_rewards[here], outcomes[here].where(~first, 0), group[i]

    def spread(x: Tensor, nothing: float = 0.0) -> Tensor:
        return peers.at(torch.cat([x.new_tensor([nothing]), x]), entry)

    if mistake != "none":
        after = outcomes[i, min(1, outcomes.shape[1] - 1)]
        return Credit(target=spread(r), baseline=spread(_mistaken(mistake, r, k, g, o, after)))

    prompt = g.where(first, -1) if baseline == "batch" else g
    outcome = o if baseline == "ocb" else torch.zeros_like(o)
    stratum, whole = peers.classes((k, prompt, outcome)), peers.classes((k, g))
    n, mean = peers.count(stratum, r), peers.mean(r, stratum)
    n0 = shrinkage if baseline == "ocb" else 0.0
    b = mean + n0 / (n + n0) * (peers.mean(r, whole) - mean)
    own = (1 + n0 / peers.count(whole, r)) / (n + n0)  # a sample's share in its own baseline
    weight = torch.where(own < 1, 1 / (1 - own), 0.0)
    compared = first | (baseline != "none")
    return Credit(
        target=spread(r),
        baseline=spread(b.where(compared, 0.0)),
        scale=spread(peers.unit(r, stratum, eps, ddof=0), 1.0) if divide_by_std else 1.0,
        weight=spread(weight.where(compared, 1.0)) if leave_one_out else 1.0,
        peers=None if n0 else spread(stratum.where(compared, -1), -1),
    )


def _entries(
    block_rewards: PerSampleBlock, block: BlockOfToken, sample: SampleOfToken
) -> tuple[Tensor, Tensor]:
    """Which blocks have a token and a reward, and which of these a token is in, from 1; 0: none."""
    samples, blocks = block_rewards.shape
    place = (sample * blocks).add_(block).masked_fill_(block < 0, samples * blocks)
    written = block_rewards.new_zeros(samples * blocks + 1, dtype=torch.bool)
    written.index_fill_(0, place, True)
    here = ~block_rewards.isnan() & written[:-1].view_as(block_rewards)
    number = here.flatten().cumsum(0, dtype=torch.int32) * here.flatten()
    return here, peers.at(torch.cat([number, number.new_zeros(1)]), place)


def _mistaken(
    mistake: str, r: Tensor, k: Tensor, prompt: Tensor, outcome: Tensor, after: Tensor
) -> Tensor:
    """Baselines found in copies of the method; `after` is the outcome of block 0 itself."""
    first = k == 0
    if mistake == "own_outcome":
        return peers.mean(r, (k, prompt, after.where(first, outcome)))
    if mistake == "across_prompts":
        return peers.mean(r, (k, prompt.where(first, -1), outcome))
    stratum = peers.classes((k, prompt, outcome))
    b = torch.where(peers.count(stratum, r) > 1, peers.mean(r, stratum), 0.0)
    return b if mistake == "zero_baseline" else b + peers.mean(r - b, (k, prompt))
