"""The numbers of a batch as files: CSV for a spreadsheet, NPZ for NumPy.

Zero is a number. A token has none for one of three reasons, which both files keep apart: it is
masked (the policy did not sample it), something that the estimator reads was not measured there, or
the estimator gave what is not a number. The columns are those of the token view's own buttons; the
numbers are exact here.
"""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer import peers
from explorer.types import Credit, GroupOfSample, Mask, Rollouts

LACKS = ("", "masked", "not measured", "not a number")  # why a number is not there


def table(
    path: Path,
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    *,
    groups: Sequence[int] | None = None,
    unmeasured: Mapping[str, Mask] | None = None,
) -> None:
    """Write one line a token: its number under each estimator, then why it has none.

    `NAME` holds numbers and nothing else, so that it is read as such; where it is empty,
    `NAME_state` says masked, not measured or not a number. Completions and tokens are counted from
    1, as on the screen. The text of a token is a JSON literal, so that it can neither break the
    line nor be read as a formula; empty where no text was recorded.

    Args:
        groups: the numbers of the prompts; None counts them from 0.
        unmeasured: where something that an estimator reads was not measured.
    """
    told = _told(rollouts, credits, unmeasured)
    sample = rollouts.sample
    numbered = [sample + 1, _numbers(rollouts, groups)[sample], peers.position(sample) + 1]
    places = zip(*(x.tolist() for x in (*numbered, rollouts.tokens)), strict=True)
    texts = [""] * len(sample)
    if rollouts.pieces is not None:
        texts = [json.dumps(piece, ensure_ascii=False) for piece in rollouts.pieces]
    # Half of a surrogate pair is no UTF-8, but a JSON literal may spell it.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        named = [*credits, *(f"{name}_state" for name in credits)]
        lines.writerow(["completion", "prompt", "token", "id", "text", *named])
        advantages = zip(*(given.tolist() for given, _ in told.values()), strict=True)
        reasons = zip(*(lacks.tolist() for _, lacks in told.values()), strict=True)
        for where, text, numbers, why in zip(places, texts, advantages, reasons, strict=True):
            cells = ("" if math.isnan(x) else f"{x:.9g}" for x in numbers)
            lines.writerow([*where, text, *cells, *(LACKS[k] for k in why)])


def arrays(
    path: Path,
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    *,
    groups: Sequence[int] | None = None,
    unmeasured: Mapping[str, Mask] | None = None,
) -> None:
    """Write `ids` and `sample` a token, `group` and `rewards` a sample, and each estimator.

    `advantage_NAME` is NaN where there is no number; the booleans `masked_NAME` and
    `unmeasured_NAME` say why, and where both are False it is not a number. `sample` counts from 0,
    so that it indexes what has one entry a sample; a reward that was not given is NaN.

    Args:
        groups: the numbers of the prompts; None counts them from 0.
        unmeasured: where something that an estimator reads was not measured.
    """
    found: dict[str, Tensor] = {"ids": rollouts.tokens, "sample": rollouts.sample}
    found |= {"group": _numbers(rollouts, groups), "rewards": rollouts.rewards}
    for name, (given, lacks) in _told(rollouts, credits, unmeasured).items():
        found[f"advantage_{name}"] = given
        found[f"masked_{name}"] = lacks == LACKS.index("masked")
        found[f"unmeasured_{name}"] = lacks == LACKS.index("not measured")
    numbers: dict[str, Any] = {name: x.cpu().numpy() for name, x in found.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, **numbers)


def _told(
    rollouts: Rollouts, credits: Mapping[str, Credit], unmeasured: Mapping[str, Mask] | None
) -> dict[str, tuple[Tensor, Tensor]]:
    """The numbers of each estimator, NaN where there is none, and why, as a place in LACKS."""
    told = {}
    for name, credit in credits.items():
        given = torch.where(rollouts.mask, credit.advantage, math.nan)
        why = given.isnan() * LACKS.index("not a number")
        if unmeasured and name in unmeasured:
            why[given.isnan() & unmeasured[name]] = LACKS.index("not measured")
        told[name] = given, why.masked_fill(~rollouts.mask, LACKS.index("masked"))
    return told


def _numbers(rollouts: Rollouts, groups: Sequence[int] | None) -> GroupOfSample:
    return rollouts.group if groups is None else torch.tensor(groups)[rollouts.group]
