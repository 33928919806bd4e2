"""JSON that every reader can parse: a number that is not finite is null."""

import json
import math
from typing import Any


def dumps(value: Any, *, indent: int | None = None) -> str:
    """The value as strict JSON."""
    return json.dumps(finite(value), allow_nan=False, indent=indent)


def finite(value: Any) -> Any:
    """The value with None for each NaN and each infinity, however deep."""
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
