"""What the token view receives: one `bytes` object for a batch and its credits.

    [u32 n][JSON header of n bytes][arrays, each on a multiple of 4]

Advantages travel as int8 strips, one number a token: -128 is masked, 0 is exactly zero, and q
stands for sign(q) (|q| - 1/2) S / 127, so inside [-S, S] the error is at most S / 254 and the sign
is always right. S holds 99 % of an estimator's non-zero values; those beyond it are listed with
their exact values. The terms of the credit, from which the card fills in the formula, travel as a
number, as runs of equal numbers, or as they are. `wire.js` reads this; `unpack` does in Python.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from torch import Tensor

from explorer.ragged import lengths
from explorer.types import Credit, Mask, Rollouts, SegmentOfToken
from explorer.view.quantise import MASKED, quantise, runs
from explorer.view.strata import borders, strata

VERSION = 1
TERMS = ("target", "baseline", "scale", "weight", "bonus")
MEASURES = ("logprobs", "old_logprobs", "ref_logprobs", "entropy", "values", "mc_values", "mc_sem")
LIMITS = {"samples": 512, "tokens": 512 * 4000, "estimators": 40, "numbers": 512 * 4000 * 20}


def pack(
    rollouts: Rollouts,
    credits: Mapping[str, Credit],
    *,
    step: int | None = None,
    steps: Sequence[int] = (),
    focus: Sequence[str] = (),
    detail: Sequence[int] | None = None,
    scales: Mapping[str, float] | None = None,
    segments: Mapping[str, SegmentOfToken] | None = None,
    masks: Mapping[str, Mask] | None = None,
    notes: Mapping[str, str] | None = None,
    blocks: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    state: Mapping[str, Any] | None = None,
) -> bytes:
    """The batch and its credits as the view reads them.

    Args:
        step: training step of the batch.
        steps: all steps that can be asked for; the view then shows a time line.
        focus: the one or two estimators whose colours the text shows first.
        detail: samples whose terms and measurements travel too; None is all of them.
        scales: S of some estimators, so that two steps can be compared.
        segments: the cut that an estimator used, where it is not `rollouts.segment`.
        masks: where an estimator assigns credit at all, if not wherever the policy sampled.
        notes: one sentence on an estimator; one that says "reconstruction" is flagged.
        blocks: names of the blocks.
        outcomes: names of the outcome numbers.
        state: what the view starts with, as its host received it earlier.

    Raises:
        ValueError: no estimator; one whose length is not the batch's; more than the view can draw.
    """
    sizes = lengths(rollouts).tolist()
    _refuse(len(sizes), len(rollouts.tokens), credits)
    first = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    chosen = None if detail is None else sorted(set(detail))
    inner = None if chosen is None else _tokens_of(chosen, first)
    body = _Body()
    header = {
        "version": VERSION,
        "step": step,
        "steps": list(steps),
        "focus": list(focus),
        "detail": chosen,
        "lengths": sizes,
        "group": rollouts.group.tolist(),
        "rewards": _numbers(rollouts.rewards),
        "block_rewards": _numbers(rollouts.block_rewards),
        "outcomes": None if rollouts.outcomes is None else rollouts.outcomes.tolist(),
        "finished": None if rollouts.finished is None else rollouts.finished.tolist(),
        "prompts": rollouts.prompts,
        "names": {"blocks": list(blocks), "outcomes": list(outcomes)},
        "state": dict(state or {}),
        "ids": body.add(_numpy(rollouts.tokens).astype(np.int32)),
        "text": _text(rollouts.pieces, first, body),
        "block": _track(rollouts.block, None, body, np.int32),
        "segment": _cuts(rollouts.segment, body),
        "measures": {
            name: _track(x, inner, body)
            for name in MEASURES
            if (x := getattr(rollouts, name)) is not None
        },
    }
    sampled = _numpy(rollouts.mask)
    breaks = borders(rollouts)
    header["estimators"] = [
        _estimator(
            name,
            credit,
            rollouts,
            body,
            breaks=breaks,
            sampled=sampled,
            given=_numpy((masks or {}).get(name, rollouts.mask)) & sampled,
            scale=(scales or {}).get(name),
            inner=inner,
        )
        | {
            "note": (note := (notes or {}).get(name, "")),
            "reconstruction": "reconstruction" in note.lower(),
            "segment": _cuts((segments or {}).get(name), body),
        }
        for name, credit in credits.items()
    ]
    return body.bytes(header)


def unpack(payload: bytes) -> dict[str, Any]:
    """The header, with every reference to an array replaced by the array."""
    size = int.from_bytes(payload[:4], "little")
    header = json.loads(payload[4 : 4 + size])
    body = memoryview(payload)[4 + size :]
    return _resolve(header, body)


def starting(payload: bytes, state: Mapping[str, Any]) -> bytes:
    """The same batch, with what the view starts with changed in some parts."""
    size = int.from_bytes(payload[:4], "little")
    header = json.loads(payload[4 : 4 + size])
    header["state"] |= state
    return _headed(header, [payload[4 + size :]])


def _headed(header: Mapping[str, Any], parts: Sequence[bytes]) -> bytes:
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([len(text).to_bytes(4, "little"), text, *parts])


def _estimator(
    name: str,
    credit: Credit,
    rollouts: Rollouts,
    body: "_Body",
    *,
    breaks: np.ndarray,
    sampled: np.ndarray,
    given: np.ndarray,
    scale: float | None,
    inner: np.ndarray | None,
) -> dict[str, Any]:
    advantage = _numpy(credit.advantage).astype(np.float32, copy=False)
    strip, limit, beyond = quantise(advantage, given, scale)
    masked = int(np.count_nonzero(strip == MASKED))
    return {
        "name": name,
        "scale": limit,
        "masked": masked / max(1, len(strip)),
        "not_a_number": masked - int(np.count_nonzero(~given)),
        "strip": body.add(strip),
        "leaks": body.add(_leaks(advantage, sampled)),
        "beyond": [body.add(beyond.astype(np.int32)), body.add(advantage[beyond])],
        "terms": {term: _track(getattr(credit, term), inner, body) for term in TERMS},
        "peers": _track(credit.peers, None, body, np.int32),
        "strata": strata(credit, rollouts, breaks),
    }


def _leaks(advantage: np.ndarray, sampled: np.ndarray) -> np.ndarray:
    """The tokens that are credited although the policy did not sample them."""
    outside = np.flatnonzero(~sampled)
    return outside[advantage[outside] != 0].astype(np.int32)


class _Body:
    """Arrays back to back; `add` gives the reference that stands in the header."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, array: np.ndarray) -> dict[str, Any]:
        raw = np.ascontiguousarray(array).tobytes()
        reference = {"$": array.dtype.str[1:], "at": self.size, "n": array.size}
        padding = -len(raw) % 4
        self.parts += [raw, bytes(padding)]
        self.size += len(raw) + padding
        return reference

    def bytes(self, header: Mapping[str, Any]) -> bytes:
        return _headed(header, self.parts)


def _resolve(node: Any, body: memoryview) -> Any:
    if isinstance(node, list):
        return [_resolve(x, body) for x in node]
    if not isinstance(node, dict):
        return node
    if "$" in node:
        return np.frombuffer(body, dtype="<" + node["$"], count=node["n"], offset=node["at"])
    return {key: _resolve(x, body) for key, x in node.items()}


def _track(
    value: Tensor | float | None, inner: np.ndarray | None, body: _Body, dtype: type = np.float32
) -> Any:
    """One number a token: null, a number, runs {start, value} or {dense}."""
    if value is None or isinstance(value, int | float):
        return value
    array = _numpy(value)
    array = (array if inner is None else array[inner]).astype(dtype, copy=False)
    start = runs(array)
    if 2 * len(start) > len(array) + 1:
        return {"dense": body.add(array)}
    return {"start": body.add(start.astype(np.int32)), "value": body.add(array[start])}


def _cuts(segment: Tensor | None, body: _Body) -> Any:
    """The tokens at which a segment starts."""
    if segment is None:
        return None
    return body.add(runs(_numpy(segment)).astype(np.int32))


def _text(pieces: Sequence[str] | None, first: np.ndarray, body: _Body) -> Any:
    """The pieces of each sample, joined by a character that none of them has."""
    if pieces is None:
        return None
    spans = list(pairwise(first.tolist()))
    inner = sum(max(0, b - a - 1) for a, b in spans)
    between = chr(31)
    rows = [between.join(pieces[a:b]) for a, b in spans]
    if sum(row.count(between) for row in rows) > inner:
        whole = "".join(pieces)
        between = next(c for c in map(chr, range(31, 0x110000)) if c not in whole)
        rows = [between.join(pieces[a:b]) for a, b in spans]
    raw = [row.encode("utf-8", "replace") for row in rows]
    ends = np.cumsum([len(row) for row in raw], dtype=np.int32)
    utf8 = np.frombuffer(b"".join(raw), dtype=np.uint8)
    return {"between": between, "ends": body.add(ends), "utf8": body.add(utf8)}


def _tokens_of(samples: Sequence[int], first: np.ndarray) -> np.ndarray:
    spans = [np.arange(first[i], first[i + 1]) for i in samples]
    return np.concatenate(spans) if spans else np.empty(0, np.int64)


def _numpy(x: Tensor) -> np.ndarray:
    return x.detach().cpu().numpy()


def _numbers(x: Tensor | None) -> Any:
    """Nested lists in which a number that was not measured is null."""
    if x is None:
        return None
    array = _numpy(x).astype(object)
    array[~np.isfinite(_numpy(x))] = None
    return array.tolist()


def _refuse(samples: int, tokens: int, credits: Mapping[str, Credit]) -> None:
    if not credits:
        raise ValueError("the view needs the credit of at least one estimator; got none")
    for name, credit in credits.items():
        if len(credit.target) != tokens:
            raise ValueError(f"{name} credits {len(credit.target)} tokens, the batch has {tokens}")
    got = {"samples": samples, "tokens": tokens, "estimators": len(credits)}
    got["numbers"] = tokens * len(credits)
    for what, most in LIMITS.items():
        if got[what] > most:
            raise ValueError(
                f"the view draws up to {most} {what}, got {got[what]}; select some of them"
            )
