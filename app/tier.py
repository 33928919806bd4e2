"""How a noise was measured, in words: another tier gives the same batch other numbers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from explorer.noise import Noise
from explorer.types import Rollouts

KINDS = {
    "logit": "gradients at the logits",
    "sketch": "random projections of the gradients",
    "tail": "gradients of the last layers only",
    "exact": "whole gradients",
}
NAMED = 4  # steps by their number


def measured(noise: Noise, rollouts: Rollouts | None) -> str:
    """The tier of a noise, and of how much; of prompts only where no rollouts are kept."""
    kind = f"{noise.tier} tier ({KINDS[noise.tier]})"
    if rollouts is None:
        return f"{kind}, {noise.groups} prompts"
    prompts = int(rollouts.group.max()) + 1
    completions = int((rollouts.group < noise.groups).sum())
    part = f"{noise.groups} of {prompts}" if noise.groups < prompts else f"{prompts}"
    return f"{kind}, {completions} completions of {part} prompts"


def over(rows: Sequence[Mapping[str, Any]], estimators: Collection[str]) -> str:
    """The tiers of rows of metrics, as a sentence: the most frequent one, then the others."""
    steps: dict[str, dict[int, None]] = {}
    for row in rows:
        for name in estimators:
            if found := (row.get("variance") or {}).get(name):
                steps.setdefault(found["tier"], {})[row["step"]] = None
    tiers = sorted(steps, key=lambda tier: -len(steps[tier]))
    others = [f"{tier} tier at {_steps(list(steps[tier]))}" for tier in tiers[1:]]
    return f"Curves: {', '.join([f'{tiers[0]} tier', *others])}." if tiers else ""


def _steps(known: list[int]) -> str:
    if len(known) > NAMED:
        return f"{len(known)} steps"
    return f"step{'s' * (len(known) > 1)} {', '.join(map(str, known))}"
