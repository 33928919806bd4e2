"""From a table of projected scores to the noise of any estimator: sums of rows, no policy.

With H_p = sum_{t in group p} P c_t A_t Z_t, the products H_p . H_q are unbiased for h_p . h_q
(`explorer.sketch`), and variance and signal are linear in them: both stay unbiased. What the
projection adds to their spread is added to the intervals. A table may cover the first few prompt
groups only: they estimate the noise of the whole batch, with wider intervals.
"""

import dataclasses
import math
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from explorer.gradients import pushes
from explorer.noise import Noise, enough, noise
from explorer.types import Credit, Mask, PerToken, Rollouts

Sums = Float[Tensor, "groups width"]
CHUNK = 2**22  # numbers of a table in memory at once


@runtime_checkable
class Table(Protocol):
    """A score table, in memory (a tensor) or on disk (`explorer.scorefile.Stored`)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Tokens and buckets."""
        ...

    def __getitem__(self, rows: slice, /) -> Tensor: ...


def sketch(
    table: Table,
    rollouts: Rollouts,
    credits: dict[str, Credit],
    coefficients: PerToken,
    *,
    tier: str = "sketch",
) -> dict[str, Noise]:
    """Noise of each estimator's gradient, from one pass over the table for each.

    Raises:
        ValueError: fewer than 2 prompt groups, or a table of other rollouts.
    """
    batch = int(rollouts.group.max()) + 1
    return {
        name: projected(sums(table, rollouts, push), tier, batch=batch)
        for name, push in pushes(rollouts, credits, coefficients).items()
    }


def sums(table: Table, rollouts: Rollouts, push: PerToken) -> Sums:
    """H_p, the projected gradient of each group in the table, a bounded number of rows at a time.

    Raises:
        ValueError: fewer than 2 prompt groups, or a table of other rollouts.
    """
    tokens, width = table.shape
    here = covered(table, rollouts)
    group, push = rollouts.group[rollouts.sample][here], push[here, None].float()
    found = torch.zeros(enough(int(group.max()) + 1), width, device=group.device)
    rows = max(1, CHUNK // width)
    for first in range(0, tokens, rows):
        some = slice(first, first + rows)
        found.index_add_(0, group[some], push[some] * table[some])
    return found


def covered(table: Table, rollouts: Rollouts) -> Mask:
    """The tokens that have a row in the table: those of the first groups, or all.

    Raises:
        ValueError: a table whose rows end within a group: one of other rollouts.
    """
    group = rollouts.group[rollouts.sample]
    ends = torch.bincount(group).cumsum(0)
    groups = int((ends <= table.shape[0]).sum())
    if not groups or ends[groups - 1] != table.shape[0]:
        raise ValueError(
            f"the score table has {table.shape[0]} tokens, which is no number of first prompt "
            f"groups of these rollouts of {len(group)}; build it anew"
        )
    return group < groups


def projected(found: Sums, tier: str, *, batch: int | None = None) -> Noise:
    """Noise of the groups' gradients behind their projections, intervals for both randomnesses.

    `batch` is what `noise` takes: the groups of the batch of which these are a part.

    A statistic sum_pq W_pq H_p . H_q has the variance (2 / R) tr(W K W K) over projections, at
    most, with K the Gram matrix; here K's own estimate stands in for it.
    """
    p, width = found.shape
    gram = found.double() @ found.double().T
    size = batch or p
    measured = noise(gram, tier, batch=size)
    share = measured.snr / size
    of_signal = (1 - torch.eye(p).to(gram)) / (p * (p - 1))
    of_spread = torch.eye(p).to(gram) / p - of_signal

    def sem(weights: Tensor) -> float:
        product = weights @ gram
        return math.sqrt(max(0.0, 2 / width * float((product * product.T).sum())))

    spread = measured.variance * size
    reach = 1.96 * size * sem(of_signal - share * of_spread) / spread if spread else 0.0
    return dataclasses.replace(
        measured,
        low=measured.snr - math.hypot(measured.snr - measured.low, reach),
        high=measured.snr + math.hypot(measured.high - measured.snr, reach),
        variance_sem=math.hypot(measured.variance_sem, sem(of_spread) / size),
        signal_sem=math.hypot(measured.signal_sem, sem(of_signal)),
    )


def relative_error(width: int) -> float:
    """Standard error of a projected squared norm, over the norm: sqrt(2 / R).

    An upper bound for a variance, whose many directions average out. All estimators share the
    projection, so most of its error cancels between them.
    """
    return math.sqrt(2 / width)


def width_for(error: float) -> int:
    """The number of buckets whose relative error is at most `error`: 2 / error^2.

    Raises:
        ValueError: an error that is not positive.
    """
    if not error > 0:
        raise ValueError(f"the relative error must be positive; got {error}")
    return math.ceil(2 / error**2)
