"""Means, spreads and sums among peers: the mathematics that all estimators share.

`by` is an index array as long as x, or several (a composite class: `by=(group, outcome)` is the
stratum of the Outcome-Conditioned Baseline). Every result is as long as x; each entry stands for
its class. Nothing here loops over samples or groups, and nothing subtracts large squares.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from explorer import recursion

By = Tensor | tuple[Tensor, ...]

PIECE = 2**15  # entries that what takes much memory an entry works on at a time


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


def pieces(index: Tensor) -> Iterator[Tensor]:
    """The entries of some classes at a time, a PIECE of them or what the last class has more.

    For what takes much memory an entry: the memory is that of a piece, which fits the cache too.
    """
    piece = (_sizes(index).cumsum(0) - 1).div_(PIECE, rounding_mode="floor")
    of = at(piece.int(), index)
    for number in piece.unique().tolist():
        yield (of == number).nonzero().flatten()


def total(x: Tensor, by: By) -> Tensor:
    """Sum of x over the class of each entry."""
    index = classes(by)
    return at(_sums(x, index, _width(index)), index)


def count(by: By, like: Tensor) -> Tensor:
    """Number of entries in the class of each entry, in the dtype of `like`."""
    index = classes(by)
    return at(_sizes(index).to(like.dtype), index)


def mean(x: Tensor, by: By) -> Tensor:
    """Mean of x over the class of each entry; exact for a class of equal entries."""
    index = classes(by)
    return _mean(x, index, _sizes(index))


def weighted(x: Tensor, weight: Tensor, by: By) -> Tensor:
    """Mean of x over the class of each entry, each counting as much as it weighs; 0 if none does.

    Rounded like x, so centre what is large first.
    """
    index = classes(by)
    return at(_ratio(x, weight, index, _width(index)), index)


def std(x: Tensor, by: By, ddof: int = 1) -> Tensor:
    """Standard deviation of x over the class of each entry; 0 where fewer than ddof + 1 entries."""
    return mean_and_std(x, by, ddof)[1]


def mean_and_std(x: Tensor, by: By, ddof: int = 1) -> tuple[Tensor, Tensor]:
    """Both, for the price of one and a half."""
    index = classes(by)
    n = _sizes(index)
    center = _mean(x, index, n)
    squares = _sums((x - center).square_(), index, len(n))
    return center, at(squares.div_((n - ddof).clamp_(min=1)).sqrt_(), index)


def unit(x: Tensor, by: By, eps: float, ddof: int = 1) -> Tensor:
    """Standard deviation plus eps, in which advantages are told; 1 where there is no spread."""
    return mean_and_unit(x, by, eps, ddof)[1]


def mean_and_unit(x: Tensor, by: By, eps: float, ddof: int = 1) -> tuple[Tensor, Tensor]:
    """What x is compared with, and in which unit the difference is told."""
    center, spread = mean_and_std(x, by, ddof)
    return center, (spread + eps).where(spread > 0, 1.0)


def whitening(x: Tensor, eps: float = 1e-8, ddof: int = 1) -> tuple[Tensor, Tensor]:
    """Mean of x over the whole batch and the unit sqrt(var(x) + eps): two numbers."""
    rough = x.mean()
    center = rough + (x - rough).mean()
    variance = (x - center).square().sum() / max(len(x) - ddof, 1)
    return center, (variance + eps).sqrt().where(variance > 0, 1.0)


def extremes(x: Tensor, by: By) -> tuple[Tensor, Tensor]:
    """Smallest and largest x in the class of each entry."""
    index = classes(by)
    size = (_width(index),)
    low = x.new_full(size, torch.inf).scatter_reduce(0, index, x, "amin")
    high = x.new_full(size, -torch.inf).scatter_reduce(0, index, x, "amax")
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
    begins = _begins(sample, _width(sample[-1:])).int()
    return _numbers(len(sample), begins).sub_(at(begins, sample))


def lengths(sample: Tensor, samples: int) -> Tensor:
    """Number of tokens of each sample."""
    return _begins(sample, samples + 1).diff()


def abreast(x: Tensor, weight: Tensor, sample: Tensor, group: Tensor) -> Tensor:
    """Weighted mean of x over the tokens at the same place of the samples of a group.

    Rounded like x, so centre what is large first.
    """
    index, length = classes(group), lengths(sample, len(group))
    longest = length.new_zeros(_width(index)).scatter_reduce_(0, index, length, "amax")
    # Places of a group's longest sample, then those of the next one's: one number each.
    ahead = at(longest.cumsum(0).sub_(longest), index) - length.cumsum(0).sub_(length)
    ahead = ahead.int()  # to add in half of the memory
    place = at(ahead, sample).add_(_numbers(len(sample), ahead)).long()
    return at(_ratio(x, weight, place, int(longest.sum())), place)


def unmatched(sample: Tensor, group: Tensor) -> Tensor:
    """Indices of the tokens at places that no other sample of the group reaches; none if alone."""
    length, index = lengths(sample, len(group)), classes(group)
    # Group after group, in each the longest sample last.
    order = torch.argsort(length + (len(sample) + 1) * index)
    same = at(index, order).diff() == 0
    longest = same.clone()  # the last of its group, but not the only one
    longest[:-1] &= ~same[1:]
    more = at(length, order).diff().masked_select(longest)
    stop = at(length.cumsum(0), order[1:].masked_select(longest))
    shift = (stop - more.cumsum(0)).repeat_interleave(more)
    return shift.add_(_numbers(len(shift), shift))


def first(x: Tensor, sample: Tensor) -> Tensor:
    """x at the first token of the sample of each token."""
    begins = starts(sample)
    ones = at(x, begins.nonzero().flatten())
    return at(ones, begins.cumsum(0, dtype=torch.int32).sub_(1))


def upcoming(x: Tensor, here: Tensor, sample: Tensor, end: Tensor) -> Tensor:
    """x at the nearest later token that is `here`; after the last one of a sample, its `end`."""
    seen = here.cumsum(0, dtype=torch.int32)
    last = _begins(sample, _width(sample[-1:]) + 1)[1:].sub_(1).clamp_(min=0)
    left = seen < at(at(seen, last), sample)
    ahead = at(_appended(x.masked_select(here)), seen)
    return torch.where(left, ahead, at(end, sample), out=ahead)


def latest(x: Tensor, here: Tensor, sample: Tensor) -> Tensor:
    """x at the nearest token up to this one that is `here`; NaN before the first of a sample."""
    seen = here.cumsum(0, dtype=torch.int32)
    begins = _begins(sample, _width(sample[-1:]))
    known = seen > at(at(seen, begins) - at(here.int(), begins), sample)
    return at(_appended(x.masked_select(here)), seen.sub_(1).clamp_(min=0)).where(known, torch.nan)


def within(x: Tensor, sample: Tensor) -> Tensor:
    """Running sum of x inside each sample, its own entry included.

    A NaN or an infinity spoils the tokens after it in its own sample, and no other sample.
    """
    # In double precision what the samples before add up to can be taken off again.
    running = x.to(torch.float64, copy=True).cumsum_(0)
    if not math.isfinite(running[-1:].sum()):
        return recursion.solved(x.flip(0), 1.0, starts(sample).flip(0)).flip(0)
    begins = _begins(sample, _width(sample[-1:]))
    before = at(running, begins).sub_(at(x, begins))
    return running.sub_(at(before, sample)).to(x.dtype)


def tail(x: Tensor, decay: Tensor | float, sample: Tensor) -> Tensor:
    """y_t = x_t + decay_t * y_{t+1} inside each sample, y = 0 after its last token.

    A NaN or an infinity spoils the tokens before it in its own sample, and no other sample.
    """
    return recursion.solved(x, decay, ends(sample))


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


def _begins(sample: Tensor, samples: int) -> Tensor:
    """Where each sample begins; one without a token begins where the next one does."""
    return torch.searchsorted(sample, _numbers(samples, sample))


def _numbers(count: int, like: Tensor) -> Tensor:
    """0, 1, 2, ..."""
    return torch.arange(count, dtype=like.dtype, device=like.device)


def _width(index: Tensor) -> int:
    """How many numbers classes may have."""
    return int(index.max()) + 1 if len(index) else 0


def _sizes(index: Tensor) -> Tensor:
    """Number of entries of each class; of a number that no entry has, 0."""
    return torch.bincount(index)


def _mean(x: Tensor, index: Tensor, sizes: Tensor) -> Tensor:
    rough = _sums(x, index, len(sizes)) / sizes
    # One round of refinement: 0.1 + 0.1 + 0.1 is not 0.3, but its mean must be 0.1.
    return at(rough + _sums(x - at(rough, index), index, len(sizes)) / sizes, index)


def _ratio(x: Tensor, weight: Tensor, index: Tensor, width: int) -> Tensor:
    """Weighted mean of x in each class, 0 where nothing weighs."""
    whole = _sums(weight, index, width)
    return _sums(x * weight, index, width).div_(whole.clamp_(min=torch.finfo(x.dtype).tiny))


def _sums(x: Tensor, index: Tensor, width: int) -> Tensor:
    """Sum of x in each class."""
    return x.new_zeros(width).scatter_add_(0, index, x)
