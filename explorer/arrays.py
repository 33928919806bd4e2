"""The numbers of a batch as files: CSV for a spreadsheet, NPZ for NumPy.

The columns are those of the token view's own buttons; the numbers are exact here.
"""

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer import peers
from explorer.types import Credit, Rollouts


def table(path: Path, rollouts: Rollouts, credits: Mapping[str, Credit]) -> None:
    """Write one line a token; nothing stands where a token was not sampled or has no number.

    The text of a token is a JSON literal, so that it can neither break the line nor be read as a
    formula.
    """
    advantages = [_given(credit, rollouts).tolist() for credit in credits.values()]
    place = peers.position(rollouts.sample).tolist()
    pieces = rollouts.pieces or [""] * len(rollouts.tokens)
    # Half of a surrogate pair is no UTF-8, but a JSON literal may spell it.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["completion", "token", "id", "text", *credits])
        places = zip(rollouts.sample.tolist(), place, rollouts.tokens.tolist(), strict=True)
        for piece, where, *numbers in zip(pieces, places, *advantages, strict=True):
            text = json.dumps(piece, ensure_ascii=False)
            lines.writerow([*where, text, *("" if math.isnan(x) else f"{x:.9g}" for x in numbers)])


def arrays(path: Path, rollouts: Rollouts, credits: Mapping[str, Credit]) -> None:
    """Write `ids`, `sample`, `group`, `rewards`, and `advantage_NAME` of each estimator.

    NaN where a token was not sampled.
    """
    found: dict[str, Tensor] = {"ids": rollouts.tokens, "sample": rollouts.sample}
    found |= {"group": rollouts.group, "rewards": rollouts.rewards}
    found |= {f"advantage_{name}": _given(credit, rollouts) for name, credit in credits.items()}
    numbers: dict[str, Any] = {name: x.cpu().numpy() for name, x in found.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, **numbers)


def _given(credit: Credit, rollouts: Rollouts) -> Tensor:
    return torch.where(rollouts.mask, credit.advantage, math.nan)
