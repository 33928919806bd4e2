"""What a step looked like, in numbers: the row that a trainer appends."""

import math
from typing import Any

import torch

from explorer import calibration, catalog, peers, ragged
from explorer.types import PerToken, Rollouts


def row(rollouts: Rollouts, advantage: PerToken, blocks: tuple[str, ...] = ()) -> dict[str, Any]:
    """Means over samples, or over sampled tokens for what is measured on tokens.

    None: not measured. `kl` is that to the reference policy, in nats a token. `zero_groups` is the
    share of prompts from which nothing is learnt. `explained` is the share of the returns'
    variance that the critic explains; below 0 it is worse than a constant.
    """
    lengths = ragged.lengths(rollouts)
    found = {
        "reward": _mean(rollouts.rewards),
        "accuracy": _mean(rollouts.correct),
        "length": _mean(lengths),
        "finished": _mean(rollouts.finished),
        "entropy": _mean(_sampled(rollouts.entropy, rollouts)),
        "kl": _kl(rollouts),
        "explained": _explained(rollouts),
        "zero_groups": _zero_groups(rollouts, advantage),
    }
    if rollouts.confidence is not None and rollouts.correct is not None:
        correct = rollouts.correct.to(rollouts.confidence)
        found["brier"] = calibration.brier(rollouts.confidence, correct)
        found["ece"] = calibration.ece(rollouts.confidence, correct)
        found["stated"] = _mean(~rollouts.confidence.isnan())
    if rollouts.block_rewards is not None:
        for k, name in enumerate(blocks):
            found[f"reward/{name}"] = _mean(rollouts.block_rewards[:, k])
    return found


def _mean(x: torch.Tensor | None) -> float | None:
    """Mean of what was measured."""
    return None if x is None else x.double().nanmean().item()


def _sampled(x: PerToken | None, rollouts: Rollouts) -> torch.Tensor | None:
    return None if x is None else x[rollouts.mask]


def _kl(rollouts: Rollouts) -> float | None:
    if rollouts.old_logprobs is None or rollouts.ref_logprobs is None:
        return None
    per_token = catalog.load("objectives", "kl")(rollouts.old_logprobs, rollouts.ref_logprobs)
    return _mean(_sampled(per_token, rollouts))


def _explained(rollouts: Rollouts) -> float | None:
    if rollouts.values is None:
        return None
    target = rollouts.rewards[rollouts.sample][rollouts.mask]
    error = target - rollouts.values[rollouts.mask]
    spread = target.var(correction=0).item()
    return 1 - error.var(correction=0).item() / spread if spread else math.nan


def _zero_groups(rollouts: Rollouts, advantage: PerToken) -> float | None:
    moved = peers.total(advantage.abs(), rollouts.group[rollouts.sample]) > 0
    learnt = torch.unique(rollouts.group[rollouts.sample][moved])
    groups = torch.unique(rollouts.group)
    return 1 - len(learnt) / len(groups) if len(groups) else None
