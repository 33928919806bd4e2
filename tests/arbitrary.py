"""Rollouts of any shape, with any field measured or not, for property tests."""

from typing import get_args, get_type_hints

import torch
from hypothesis import strategies as st
from jaxtyping import Bool, Float
from torch import Tensor
from torch.testing import assert_close

from explorer.types import Rollouts, axes

_ALWAYS = ("tokens", "mask", "rewards")


@st.composite
def fields_of_any_shape(draw):
    """Ragged, empty samples included; float arrays hold NaN, infinities and every exponent."""
    lengths = draw(st.lists(st.integers(0, 4), max_size=5))
    groups = draw(st.lists(st.integers(0, 2), min_size=len(lengths), max_size=len(lengths)))
    numbers = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    seed = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    segment, segments = _segments(draw, lengths)
    sizes = {
        "tokens": sum(lengths),
        "samples": len(lengths),
        "groups": len(numbers),
        "segments": segments,
        "nodes": 3,
    }
    fields = {name: _array(name, sizes[axes()[name]], seed) for name in _ALWAYS}
    fields["sample"] = torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths).long())
    fields["group"] = torch.tensor([numbers[g] for g in groups]).long()
    if draw(st.booleans()):
        fields["segment"] = segment
    for name, axis in axes().items():
        if name in fields or name == "segment" or not draw(st.booleans()):
            continue
        if axis == "segments" and "segment" not in fields:
            continue
        if name == "prompt_tokens":
            counts = range(sizes[axis])
            fields[name] = [torch.randint(9, (i,), generator=seed).tolist() for i in counts]
        elif _kind(name) is None:
            texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=4)
            fields[name] = draw(st.lists(texts, min_size=sizes[axis], max_size=sizes[axis]))
        else:
            fields[name] = _array(name, sizes[axis], seed)
    return fields


def same(a: Rollouts, b: Rollouts) -> None:
    """Every field equal in presence, type, shape and value, NaN equal to NaN."""
    for name in axes():
        x, y = getattr(a, name), getattr(b, name)
        if isinstance(x, Tensor) and isinstance(y, Tensor):
            assert_close(x, y, rtol=0, atol=0, equal_nan=True, msg=lambda m, n=name: f"{n}: {m}")
        else:
            assert x == y, name


def _array(name, size, seed):
    kind = _kind(name)
    shape = (size, *[2 + len(axis) % 2 for axis in kind.dim_str.split()[1:]])
    if set(kind.dtypes) == set(Bool[Tensor, "_"].dtypes):
        return torch.rand(shape, generator=seed) < 0.5
    if set(kind.dtypes) != set(Float[Tensor, "_"].dtypes):
        return torch.randint(-1, 2**40, shape, generator=seed)
    # Random bits rather than random numbers: they cover NaN, infinities and subnormals.
    bits = torch.randint(-(2**31), 2**31, shape, generator=seed).to(torch.int32)
    special = torch.tensor([float("nan"), float("inf"), -0.0, 0.1])
    chosen = special[torch.randint(4, shape, generator=seed)]
    return bits.view(torch.float32).where(torch.rand(shape, generator=seed) < 0.8, chosen)


def _kind(name):
    """The array type of a field; None for a list."""
    hint = get_type_hints(Rollouts)[name]
    return next((k for k in (*get_args(hint), hint) if hasattr(k, "dim_str")), None)


def _segments(draw, lengths):
    """The segment of each token, and how many there are; some have no tokens."""
    number, segment = 0, []
    for length in lengths:
        number += draw(st.integers(0, 1))
        segment += sorted(
            number + cut
            for cut in draw(st.lists(st.integers(0, 2), min_size=length, max_size=length))
        )
        number += 3
    return torch.tensor(segment).long(), number + 1 if lengths else 0
