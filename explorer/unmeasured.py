"""Where something that an estimator reads was not measured, so that its NaN is no fault."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from explorer import catalog
from explorer.types import Mask, Rollouts, axes


def tokens(function: Callable[..., Any], rollouts: Rollouts) -> Mask:
    """The tokens of the prompts for which a field that `function` reads is NaN somewhere.

    Of a whole prompt, since estimators compare its completions, or carry a value back along one.
    Several get by without: only where one gives NaN too, it had to.
    """
    of = {"samples": rollouts.group, "tokens": rollouts.group[rollouts.sample]}
    if rollouts.segment is not None and rollouts.segment_rewards is not None:
        segments = rollouts.group.new_zeros(len(rollouts.segment_rewards))
        of["segments"] = segments.index_put((rollouts.segment,), of["tokens"])
    missing = rollouts.mask.new_zeros(max(rollouts.group.tolist(), default=-1) + 1)
    for name in catalog.reads(function):
        value = getattr(rollouts, name)
        if isinstance(value, Tensor) and value.is_floating_point() and axes()[name] in of:
            lacks = value.isnan()
            lacks = lacks.any(1) if lacks.dim() > 1 else lacks
            missing[of[axes()[name]][lacks]] = True
    return missing[of["tokens"]]
