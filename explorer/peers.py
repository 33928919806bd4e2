"""Means, spreads and sums among peers: the mathematics that all estimators share.

`by` is an index array as long as x, or several (a composite class: `by=(group, outcome)` is the
stratum of the Outcome-Conditioned Baseline). Every result is as long as x; each entry stands for
its class. Nothing here loops over samples or groups, and nothing subtracts large squares.
"""

import torch
from torch import Tensor

By = Tensor | tuple[Tensor, ...]


def classes(by: By) -> Tensor:
    """One index for a composite class: entries share a number iff they agree in all of `by`."""
    if isinstance(by, Tensor):
        return by
    combined = by[0]
    for more in by[1:]:
        low = more.min() if more.numel() else 0
        width = more.max() - low + 1 if more.numel() else 1
        combined = combined * width + (more - low)
    return torch.unique(combined, return_inverse=True)[1]


def total(x: Tensor, by: By) -> Tensor:
    """Sum of x over the class of each entry."""
    index = classes(by)
    return _sums(x, index)[index]


def count(by: By, like: Tensor) -> Tensor:
    """Number of entries in the class of each entry, in the dtype of `like`."""
    index = classes(by)
    return torch.bincount(index)[index].to(like.dtype)


def mean(x: Tensor, by: By) -> Tensor:
    """Mean of x over the class of each entry; exact for a class of equal entries."""
    index = classes(by)
    n = torch.bincount(index).to(x.dtype).clamp_(min=1)
    rough = (_sums(x, index) / n)[index]
    # One round of refinement: 0.1 + 0.1 + 0.1 is not 0.3, but its mean must be 0.1.
    return rough + (_sums(x - rough, index) / n)[index]


def std(x: Tensor, by: By, ddof: int = 1) -> Tensor:
    """Standard deviation of x over the class of each entry; 0 where fewer than ddof + 1 entries."""
    index = classes(by)
    n = torch.bincount(index).to(x.dtype)
    deviation = x - mean(x, index)
    variance = _sums(deviation * deviation, index) / (n - ddof).clamp_(min=1)
    return variance.sqrt()[index]


def unit(x: Tensor, by: By, eps: float, ddof: int = 1) -> Tensor:
    """Standard deviation plus eps, in which advantages are told; 1 where there is no spread."""
    spread = std(x, by, ddof)
    return (spread + eps).where(spread > 0, 1.0)


def whitening(x: Tensor, eps: float = 1e-8, ddof: int = 1) -> tuple[Tensor, Tensor]:
    """Mean of x over the whole batch and the unit sqrt(var(x) + eps), each as long as x."""
    rough = x.mean()
    center = rough + (x - rough).mean()
    variance = (x - center).square().sum() / max(len(x) - ddof, 1)
    unit = (variance + eps).sqrt().where(variance > 0, 1.0)
    return center.expand_as(x), unit.expand_as(x)


def rank(x: Tensor, by: By) -> Tensor:
    """Rank of each entry in its class, from 0 (smallest); ties in the order given."""
    index = classes(by)
    order = torch.argsort(x, stable=True)
    order = order[torch.argsort(index[order], stable=True)]
    sizes = torch.bincount(index)
    first = (sizes.cumsum(0) - sizes)[index[order]]
    place = torch.empty_like(index)
    place[order] = torch.arange(len(x), device=x.device) - first
    return place


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
    """Place of each token in its sample, from 0."""
    place = torch.arange(len(sample), device=sample.device)
    first = torch.where(starts(sample), place, 0)
    return place - first.cummax(0).values if len(sample) else place


def within(x: Tensor, sample: Tensor) -> Tensor:
    """Running sum of x inside each sample, its own entry included."""
    return tail(x.flip(0), 1.0, sample.flip(0)).flip(0)


def tail(x: Tensor, decay: Tensor | float, sample: Tensor) -> Tensor:
    """y_t = x_t + decay_t * y_{t+1} inside each sample, y = 0 after its last token.

    Walks positions from the end, all samples at once, longest first: step k touches only the
    samples that have at least k tokens.
    """
    if not len(x):
        return x.clone()
    last = torch.nonzero(ends(sample)).flatten()
    lengths = torch.diff(last, prepend=last.new_tensor([-1]))
    lengths, order = torch.sort(lengths, descending=True, stable=True)
    last = last[order]
    steps = torch.arange(1, int(lengths[0]) + 1, device=x.device)
    alive = torch.searchsorted(-lengths, -steps, right=True).tolist()
    # Position-major copy: step k reads and writes one contiguous run.
    where = torch.cat([last[:n] - k for k, n in enumerate(alive)])
    y = x[where]
    factor = decay[where] if isinstance(decay, Tensor) else None
    here = 0
    for k in range(1, len(alive)):
        behind, here, n = here, here + alive[k - 1], alive[k]
        if factor is None:
            y[here : here + n].add_(y[behind : behind + n], alpha=float(decay))
        else:
            y[here : here + n].addcmul_(factor[here : here + n], y[behind : behind + n])
    result = torch.empty_like(x)
    result[where] = y
    return result


def _sums(x: Tensor, index: Tensor) -> Tensor:
    """Sum of x in each class."""
    size = int(index.max()) + 1 if index.numel() else 0
    return x.new_zeros(size).index_add_(0, index, x)
