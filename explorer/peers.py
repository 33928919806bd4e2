"""Means, spreads and sums among peers: the mathematics that all estimators share.

`by` is an index array as long as x, or several (a composite class: `by=(group, outcome)` is the
stratum of the Outcome-Conditioned Baseline). Every result is as long as x; each entry stands for
its class. Nothing here loops over samples or groups, and nothing subtracts large squares.
"""

import torch
from torch import Tensor

By = Tensor | tuple[Tensor, ...]

# Tokens that `tail` walks before it jumps. A power of two puts all of a block's entries into the
# same lines of the cache, where they push each other out: 8 and 16 take twice as long.
BLOCK = 12


def at(x: Tensor, index: Tensor) -> Tensor:
    """x[index] along the first axis, several times faster on a CPU; no negative indices."""
    return x.index_select(0, index)


def classes(by: By) -> Tensor:
    """One index for a composite class: entries share a number iff they agree in all of `by`.

    Numbers may be as large as they like (a hash) or negative; those that come back are small.
    """
    first, *others = (by,) if isinstance(by, Tensor) else by
    index = _small(first)
    for other in map(_small, others):
        width = int(other.max()) + 1 if len(other) else 1
        index = _small(other.to(torch.int64, copy=True).add_(index, alpha=width)).int()
    return index


def total(x: Tensor, by: By) -> Tensor:
    """Sum of x over the class of each entry."""
    index = classes(by)
    return at(_sums(x, index, _sizes(index)), index)


def count(by: By, like: Tensor) -> Tensor:
    """Number of entries in the class of each entry, in the dtype of `like`."""
    index = classes(by)
    return at(_sizes(index).to(like.dtype), index)


def mean(x: Tensor, by: By) -> Tensor:
    """Mean of x over the class of each entry; exact for a class of equal entries."""
    index = classes(by)
    return _mean(x, index, _sizes(index))


def std(x: Tensor, by: By, ddof: int = 1) -> Tensor:
    """Standard deviation of x over the class of each entry; 0 where fewer than ddof + 1 entries."""
    index = classes(by)
    n = _sizes(index)
    deviation = x - _mean(x, index, n)
    variance = _sums(deviation.square_(), index, n) / (n - ddof).clamp_(min=1)
    return at(variance.sqrt_(), index)


def unit(x: Tensor, by: By, eps: float, ddof: int = 1) -> Tensor:
    """Standard deviation plus eps, in which advantages are told; 1 where there is no spread."""
    spread = std(x, by, ddof)
    return (spread + eps).where(spread > 0, 1.0)


def whitening(x: Tensor, eps: float = 1e-8, ddof: int = 1) -> tuple[Tensor, Tensor]:
    """Mean of x over the whole batch and the unit sqrt(var(x) + eps): two numbers."""
    rough = x.mean()
    center = rough + (x - rough).mean()
    variance = (x - center).square().sum() / max(len(x) - ddof, 1)
    return center, (variance + eps).sqrt().where(variance > 0, 1.0)


def extremes(x: Tensor, by: By) -> tuple[Tensor, Tensor]:
    """Smallest and largest x in the class of each entry."""
    index = classes(by)
    size = int(index.max()) + 1 if len(index) else 0
    low = x.new_full((size,), torch.inf).scatter_reduce(0, index, x, "amin")
    high = x.new_full((size,), -torch.inf).scatter_reduce(0, index, x, "amax")
    return at(low, index), at(high, index)


def quantile(x: Tensor, by: By, q: float) -> Tensor:
    """The q-quantile of x over the class of each entry, linear between neighbours."""
    index = classes(by)
    order, first = _sorted(x, index)
    last = first + _sizes(index) - 1
    rank = q * (last - first).to(x.dtype)
    low = first + rank.floor().long()
    entry = at(x, order)
    # A number that no entry has may point outside; nobody asks for it.
    below, above = (
        at(entry, place.clamp(0, max(len(x) - 1, 0)))
        for place in (low, torch.minimum(low + 1, last))
    )
    return at(torch.lerp(below, above, rank.frac()), index)


def starts(sample: Tensor) -> Tensor:
    """True at the first token of each sample."""
    begins = torch.ones_like(sample, dtype=torch.bool)
    begins[1:] = sample[1:] != sample[:-1]
    return begins


def ends(sample: Tensor) -> Tensor:
    """True at the last token of each sample."""
    stops = torch.ones_like(sample, dtype=torch.bool)
    stops[:-1] = sample[1:] != sample[:-1]
    return stops


def position(sample: Tensor) -> Tensor:
    """Place of each token in its sample, from 0, in 32 bits."""
    begins = starts(sample)
    run = begins.cumsum(0, dtype=torch.int32).sub_(1)
    first = begins.nonzero().flatten().int()
    place = torch.arange(len(sample), dtype=torch.int32, device=sample.device)
    return place.sub_(at(first, run))


def first(x: Tensor, sample: Tensor) -> Tensor:
    """x at the first token of the sample of each token."""
    begins = starts(sample)
    return at(x.masked_select(begins), begins.cumsum(0, dtype=torch.int32).sub_(1))


def upcoming(x: Tensor, here: Tensor, sample: Tensor, end: Tensor) -> Tensor:
    """x at the nearest later token that is `here`; after the last one of a sample, its `end`."""
    seen = here.cumsum(0, dtype=torch.int32)
    left = seen < at(_counts(here, sample, len(end)).cumsum(0, dtype=torch.int32), sample)
    return at(_appended(x.masked_select(here)), seen).where(left, at(end, sample))


def latest(x: Tensor, here: Tensor, sample: Tensor) -> Tensor:
    """x at the nearest token up to this one that is `here`; NaN before the first of a sample."""
    seen = here.cumsum(0, dtype=torch.int32)
    counts = _counts(here, sample, int(sample[-1]) + 1 if len(sample) else 0)
    known = seen > at(counts.cumsum(0, dtype=torch.int32).sub_(counts), sample)
    return at(_appended(x.masked_select(here)), seen.sub_(1).clamp_(min=0)).where(known, torch.nan)


def within(x: Tensor, sample: Tensor) -> Tensor:
    """Running sum of x inside each sample, its own entry included."""
    return _tail(x.flip(0), 1.0, starts(sample).flip(0)).flip(0)


def tail(x: Tensor, decay: Tensor | float, sample: Tensor) -> Tensor:
    """y_t = x_t + decay_t * y_{t+1} inside each sample, y = 0 after its last token.

    A NaN or an infinity spoils the tokens before it in its own sample, and no other sample.
    """
    return _tail(x, decay, ends(sample))


def _tail(x: Tensor, decay: Tensor | float, last: Tensor) -> Tensor:
    """With a decay of 0 at the last token of each sample the whole batch is one chain."""
    if not bool(x.sum().isfinite()):
        spoilt = ~x.isfinite()
        touched = _tail(spoilt.to(x.dtype), 1.0, last) > 0
        return _tail(x.masked_fill(spoilt, 0.0), decay, last).masked_fill(touched, torch.nan)
    factor = decay if isinstance(decay, Tensor) else x.new_tensor(decay)
    y = _folded(x)
    _walk(y, _folded(factor.expand_as(x)).masked_fill_(_folded(last), 0.0))
    return _unfolded(y, len(x))


def _walk(y: Tensor, reach: Tensor) -> None:
    """Turn folded x and decay into folded y: inside blocks, then from block to block.

    Row k holds the k-th entry of every block, so a step is one operation on contiguous memory.
    """
    for k in reversed(range(BLOCK - 1)):
        y[k].addcmul_(reach[k], y[k + 1])
        reach[k].mul_(reach[k + 1])  # what a unit in the next block is worth here
    if y.shape[1] > 1:
        jumps = _folded(y[0])
        _walk(jumps, _folded(reach[0]))
        following = _unfolded(jumps, y.shape[1]).roll(-1)
        following[-1] = 0
        y.addcmul_(reach, following)


def _folded(x: Tensor) -> Tensor:
    """Column b holds block b of x; the last one is filled up with zeros."""
    whole, rest = divmod(len(x), BLOCK)
    folded = x.new_zeros(BLOCK, whole + (rest > 0))
    folded[:, :whole] = x[: whole * BLOCK].view(-1, BLOCK).t()
    folded[:rest, whole:] = x[whole * BLOCK :, None]
    return folded


def _unfolded(y: Tensor, size: int) -> Tensor:
    """The array that was folded."""
    return y.t().reshape(-1)[:size]


def _small(index: Tensor) -> Tensor:
    """The same classes under numbers from 0 to a few times their count."""
    if not len(index):
        return index
    low, high = (int(bound) for bound in index.aminmax())
    if high - low > 4 * len(index):
        return torch.unique(index, return_inverse=True)[1]
    return index - low if low else index


def _sorted(x: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """The order that sorts x class after class, and where in it each class begins."""
    order = torch.argsort(x, stable=True)
    order = order[torch.argsort(index[order], stable=True)]
    sizes = _sizes(index)
    return order, sizes.cumsum(0) - sizes


def _appended(x: Tensor) -> Tensor:
    """x with one more entry, for those who point behind it."""
    return torch.cat([x, x.new_zeros(1)])


def _counts(here: Tensor, sample: Tensor, samples: int) -> Tensor:
    """How many tokens of each sample are `here`, in 32 bits."""
    counts = torch.zeros(samples, dtype=torch.int32, device=here.device)
    return counts.index_add_(0, sample, here.int())


def _sizes(index: Tensor) -> Tensor:
    """Number of entries of each class; of a number that no entry has, 0."""
    return torch.bincount(index)


def _mean(x: Tensor, index: Tensor, sizes: Tensor) -> Tensor:
    rough = _sums(x, index, sizes) / sizes
    # One round of refinement: 0.1 + 0.1 + 0.1 is not 0.3, but its mean must be 0.1.
    return at(rough + _sums(x - at(rough, index), index, sizes) / sizes, index)


def _sums(x: Tensor, index: Tensor, sizes: Tensor) -> Tensor:
    """Sum of x in each class."""
    return x.new_zeros(len(sizes)).index_add_(0, index, x)
