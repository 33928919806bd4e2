"""Where the noise of a gradient sits: the share of its variance that each token brings.

With H = sum_t q_t Z_t the gradient of a prompt group (q_t = P c_t A_t its pushes, Z_t the scores
of its tokens, `explorer.scores`), the variance of the gradient of a batch of P groups, estimated
from K of them, is a quadratic form in the q_t. Written as a sum over tokens it is exact:

    variance = 1 / (P (K - 1)) sum_p |H_p - mean(H)|^2
             = 1 / (P (K - 1)) sum_p H_p . (H_p - mean(H))          as sum_p (H_p - mean(H)) = 0
             = sum_t q_t Z_t . (H_p(t) - mean(H)) / (P (K - 1))     as H_p is the sum of its tokens
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer import peers
from explorer.noise import enough
from explorer.scores import CHUNK, Table, covered, sums
from explorer.types import Mask, PerToken, Rollouts


@dataclass(frozen=True, eq=False, kw_only=True)
class Contributions:
    """What each token adds to the variance of the batch's gradient; below 0 it takes noise away.

    NaN where the table has no row. The sum over the others is `Noise.variance` of the same table.
    """

    whole: PerToken
    own: PerToken  # as if it were alone: the diagonal of the quadratic form
    known: Mask

    @property
    def shared(self) -> PerToken:
        """The covariance with other tokens: of the same completion, of its group, of others."""
        return self.whole - self.own


@dataclass(frozen=True)
class Part:
    """The share of the variance that some tokens bring: alone, and together with others."""

    own: float
    shared: float


def contributions(table: Table, rollouts: Rollouts, push: PerToken) -> Contributions:
    """The contribution of every token that the table covers, in two passes over it.

        whole_t = q_t Z_t . (H_p - mean(H)) / (P (K - 1)),        own_t = q_t^2 |Z_t|^2 / (P K)

    Each token's covariance with another is halved between the two. Both are linear in the products
    Z_t . Z_u, which are unbiased for g_t . g_u (`explorer.sketch`), so both are unbiased for what
    whole gradients say, token by token; one token's is noisier than the sum, by up to sqrt(2 / R)
    of |q_t g_t| |H|. Rows of whole gradients are a table too, and then nothing is estimated.

    Raises:
        ValueError: fewer than 2 prompt groups, or a table of other rollouts.
    """
    known = covered(table, rollouts)
    of_group = sums(table, rollouts, push)
    groups, width = of_group.shape
    batch = enough(int(rollouts.group.max()) + 1)
    aside = (of_group - of_group.mean(0)) / (batch * (groups - 1))
    group, push = rollouts.group[rollouts.sample][known], push[known].float()
    whole, own = push.new_full((2, len(known)), torch.nan)
    rows = max(1, CHUNK // width)
    parts = []
    for first in range(0, len(push), rows):
        some = slice(first, first + rows)
        scores = table[some]
        along = (scores * aside[group[some]]).sum(1)
        parts.append(torch.stack([push[some] * along, (push[some, None] * scores).square().sum(1)]))
    whole[known], own[known] = torch.cat(parts, 1)
    return Contributions(whole=whole, own=own / (batch * groups), known=known)


def totals(found: Contributions, by: peers.By) -> Contributions:
    """The contributions of whole classes of tokens, such as segments or (block, outcome).

    Every token gets the sum over its class: the classes' sums add up to the variance again.
    """
    whole, own = (peers.total(x.where(found.known, 0.0), by) for x in (found.whole, found.own))
    return Contributions(whole=whole, own=own, known=found.known)


def parts(
    found: Contributions, rollouts: Rollouts, *, blocks: Sequence[str], outcomes: Sequence[str]
) -> dict[str, Part]:
    """Shares of the variance by block, and by stratum where its completions came out differently
    before the block; they add up to 1. Empty where there is no variance.

    Args:
        blocks: names of the blocks; tokens in none of them are "between".
        outcomes: names of the outcome numbers.
    """
    whole = float(found.whole[found.known].sum())
    if whole == 0:
        return {}
    block, before = _strata(rollouts)
    shares = {}
    for k in block[found.known].unique().tolist():
        name = "between" if k < 0 else _name(blocks, k)
        seen = before[found.known & (block == k)].unique().tolist()
        for outcome in seen:
            here = found.known & (block == k) & (before == outcome)
            label = f"{name} | {_name(outcomes, outcome)}" if len(seen) > 1 else name
            own, shared = (float(x[here].sum()) / whole for x in (found.own, found.shared))
            shares[label] = Part(own, shared)
    return shares


def _strata(rollouts: Rollouts) -> tuple[Tensor, Tensor]:
    """The block of each token, and the outcome of its completion before that block."""
    nowhere = torch.full_like(rollouts.sample, -1)
    block = nowhere if rollouts.block is None else rollouts.block
    if rollouts.outcomes is None:
        return block, nowhere
    return block, rollouts.outcomes[rollouts.sample, block.clamp(min=0)].where(block >= 0, -1)


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else str(number)
