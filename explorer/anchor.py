"""What the past of a run lets expect of a reward: the anchor of HA-DW and RAE."""

import math
import statistics
from collections.abc import Sequence
from typing import Literal

Kind = Literal["window", "belief", "ema"]
_WINDOW = 10  # steps, as in HA-DW's code
_ETA = 1.0  # the paper's number is not readable
_DECAY = 0.95


def anchor(history: Sequence[float], now: float, kind: Kind = "window") -> float:
    """The expected mean reward of a batch, from those of the batches before it and its own.

        window   mean of the last 10, this one included            (the code of arXiv:2601.08521)
        belief   C = (1 - eta s) C + eta s y after each batch, s the spread of the last 10 beliefs
        ema      b = 0.95 b + 0.05 y after each batch                         (arXiv:2506.24119)

    Belief and ema are those before this batch, so that nothing in it was drawn with its samples.
    The first ten beliefs are plain means of what came before (the paper's hard update), since
    beliefs that never differed would never move; eta = 1 is a reconstruction. Without a past it
    is the batch's own mean.

    Args:
        history: mean rewards of the batches before, the oldest first.
        now: mean reward of this one.
    """
    if not history:
        return now
    if kind == "window":
        return _mean([*history, now][-_WINDOW:])
    if kind == "ema":
        expected = history[0]
        for y in history[1:]:
            expected = _DECAY * expected + (1 - _DECAY) * y
        return expected
    beliefs = [_mean(history[:k]) for k in range(1, min(len(history), _WINDOW) + 1)]
    for y in history[_WINDOW:]:
        eta = _ETA * statistics.pstdev(beliefs[-_WINDOW:])
        beliefs.append((1 - eta) * beliefs[-1] + eta * y)
    return beliefs[-1]


def _mean(rewards: Sequence[float]) -> float:
    return math.fsum(rewards) / len(rewards)
