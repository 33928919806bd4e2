"""Who was compared with whom: the classes of an estimator's peers, counted and averaged."""

from typing import Any

import numpy as np
from torch import Tensor

from explorer.types import Credit, Rollouts
from explorer.view.quantise import changes

MOST = 1024  # classes; an estimator with more compares tokens, not completions


def borders(rollouts: Rollouts) -> np.ndarray:
    """Where a token begins a sample or a block."""
    begins = changes(_numpy(rollouts.sample))
    return begins if rollouts.block is None else begins | changes(_numpy(rollouts.block))


def strata(credit: Credit, rollouts: Rollouts, breaks: np.ndarray) -> list[dict[str, Any]] | None:
    """For each class of peers: its samples, their mean target, its baseline, its group and block.

    The mean is taken over samples, so a long completion counts once. A class that spans blocks or
    outcomes names neither. None where the estimator names no peers, or too many classes. `breaks`
    are the batch's `borders`.
    """
    if credit.peers is None:
        return None
    peers, sample = _numpy(credit.peers), _numpy(rollouts.sample)
    block = None if rollouts.block is None else _numpy(rollouts.block)
    starts = np.append(np.flatnonzero(changes(peers) | breaks), len(peers))
    kept = peers[starts[:-1]] >= 0
    if not kept.any():
        return None
    at = starts[:-1][kept]
    width = np.diff(starts)[kept]
    total = np.add.reduceat(_numpy(credit.target), starts[:-1], dtype=np.float64)
    target = total[kept] / width
    pairs, place = np.unique(
        peers[at].astype(np.int64) * len(rollouts.rewards) + sample[at], return_inverse=True
    )
    classes, of = np.unique(pairs // len(rollouts.rewards), return_inverse=True)
    if len(classes) > MOST:
        return None
    n = np.bincount(of)
    mean = np.bincount(of, np.bincount(place, target) / np.bincount(place)) / n
    run = of[place]
    baseline = np.bincount(run, _numpy(credit.baseline)[at]) / np.bincount(run)
    shared = {"group": _shared(_numpy(rollouts.group)[sample[at]], run)}
    if block is not None:
        shared["block"] = _shared(block[at], run)
        if rollouts.outcomes is not None:
            known = _numpy(rollouts.outcomes)
            before = known[sample[at], np.clip(block[at], 0, known.shape[1] - 1)]
            shared["outcome"] = _shared(before, run)
    return [
        {
            "class": int(c),
            "n": int(n[i]),
            "mean": _number(mean[i]),
            "baseline": _number(baseline[i]),
            **{name: column[i] for name, column in shared.items()},
        }
        for i, c in enumerate(classes)
    ]


def _shared(value: np.ndarray, of: np.ndarray) -> list[int | None]:
    """The value that all entries of a class have in common, None where they differ."""
    one = np.empty(of.max() + 1, np.int64)
    one[of] = value
    differ = np.bincount(of, value != one[of])
    return [None if d else int(x) for x, d in zip(one, differ, strict=True)]


def _number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None


def _numpy(x: Tensor) -> np.ndarray:
    return x.detach().cpu().numpy()
