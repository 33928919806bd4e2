"""Which tokens of a completion are its answer: what a task would read, whatever the task."""

import re
from itertools import accumulate

import torch

from explorer.types import Mask, Rollouts

# In the order in which they are looked for; of several the last one is what counts.
_MARKED = (
    re.compile(r"<answer>(.+?)</answer>", re.DOTALL),
    re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})+)\}"),
)
_NUMBER = re.compile(r"(-?[0-9][0-9.,]*)")


def answer(rollouts: Rollouts) -> Mask:
    """True at the tokens that hold a character of the answer.

    The answer is what stands between `<answer>` and `</answer>`, else inside `\\boxed{}`; without
    either the last step, or the last number where a task has no steps. A completion may have none.

    Raises:
        ValueError: the text of the tokens is not known.
    """
    if rollouts.pieces is None:
        raise ValueError("the answer is looked for in the text; record the tokens' pieces")
    found: list[bool] = []
    sizes = torch.bincount(rollouts.sample, minlength=len(rollouts.rewards)).tolist()
    segment = None if rollouts.segment is None else rollouts.segment.tolist()
    for stop, size in zip(accumulate(sizes), sizes, strict=True):
        own = slice(stop - size, stop)
        pieces = rollouts.pieces[own]
        text = "".join(pieces)
        span = _span(text, _MARKED)
        if span is None and segment is not None:
            found += [at == segment[stop - 1] for at in segment[own]]
            continue
        start, end = span or _span(text, (_NUMBER,)) or (0, 0)
        ends = list(accumulate(map(len, pieces)))
        found += [
            last > start and last - len(piece) < end and piece != ""
            for piece, last in zip(pieces, ends, strict=True)
        ]
    return torch.tensor(found, dtype=torch.bool, device=rollouts.tokens.device)


def _span(text: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[int, int] | None:
    """Where the last match begins and ends, by the first pattern that has one."""
    for pattern in patterns:
        if matches := list(pattern.finditer(text)):
            return matches[-1].span(1)
    return None
