"""What the token view receives: a batch and its credits in one `bytes` object.

Advantages travel as int8 strips, one number a token: -128 is masked, 0 is exactly zero, and q
stands for sign(q) (|q| - 1/2) S / 127, so inside [-S, S] the error is at most S / 254 and the sign
is always right. S holds 99 % of an estimator's non-zero values; those beyond it are listed with
their exact values. Those that are no number have the level of a masked one and are listed by their
place, and once more where what the estimator reads was not measured.
Strips, and the terms of the credit from which the card fills in the formula, travel as a number, as
runs of equal numbers, or as they are: whichever is least. `wire.js` reads this; `unpack` does in
Python.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.ragged import lengths
from explorer.types import Credit, Mask, Rollouts, SegmentOfToken
from explorer.view.body import Body, joined, parted, resolved, spread
from explorer.view.quantise import Given, changes, quantise, runs
from explorer.view.strata import Classes, borders, classes, strata
from explorer.view.text import text

VERSION = 1
TERMS = ("target", "baseline", "scale", "weight", "bonus")
MEASURES = ("logprobs", "old_logprobs", "ref_logprobs", "entropy", "values", "mc_values", "mc_sem")
Spans = Sequence[slice]
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
    unmeasured: Mapping[str, Mask] | None = None,
    groups: Sequence[int] | None = None,
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
        segments: the cut that an estimator used, where it works on segments.
        masks: where an estimator assigns credit at all, if not wherever the policy sampled.
        unmeasured: where something that an estimator reads was not measured.
        groups: the numbers that the prompts have in their step, if these are only some of them.
        notes: one sentence on an estimator; one that says "reconstruction" is flagged.
        blocks: names of the blocks.
        outcomes: names of the outcome numbers.
        state: what the view starts with, as its host received it earlier.

    Raises:
        ValueError: no estimator; one whose length is not the batch's; more than the view can draw;
            numbers for other than the batch's prompts.
    """
    sizes = lengths(rollouts).tolist()
    _refuse(len(sizes), len(rollouts.tokens), credits)
    first = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    chosen = None if detail is None else sorted(set(detail))
    inner = None if chosen is None else [slice(first[i], first[i + 1]) for i in chosen]
    body = Body()
    header = {
        "version": VERSION,
        "step": step,
        "steps": list(steps),
        "focus": list(focus),
        "detail": chosen,
        "lengths": sizes,
        "group": rollouts.group.tolist(),
        "groups": _numbered(rollouts, groups),
        "rewards": _numbers(rollouts.rewards),
        "block_rewards": _numbers(rollouts.block_rewards),
        "outcomes": None if rollouts.outcomes is None else rollouts.outcomes.tolist(),
        "finished": None if rollouts.finished is None else rollouts.finished.tolist(),
        "prompts": rollouts.prompts,
        "names": {"blocks": list(blocks), "outcomes": list(outcomes)},
        "state": dict(state or {}),
        "ids": body.add(_numpy(rollouts.tokens).astype(np.int32)),
        "text": None if rollouts.pieces is None else text(rollouts.pieces, first, body),
        "block": _track(rollouts.block, None, body, np.int32),
        "segment": _cuts(rollouts.segment, body),
        "measures": {
            name: _track(x, inner, body)
            for name in MEASURES
            if (x := getattr(rollouts, name)) is not None
        },
    }
    sampled = _numpy(rollouts.mask)
    usual = Given.to(sampled)
    compared = _Compared(rollouts, body)
    header["estimators"] = [
        _estimator(
            name,
            credit,
            compared,
            body,
            outside=usual.outside,
            given=Given.to(_numpy(masks[name]) & sampled) if masks and name in masks else usual,
            scale=(scales or {}).get(name),
            segment=(segments or {}).get(name),
            unmeasured=(unmeasured or {}).get(name),
            inner=inner,
        )
        | {
            "note": (note := (notes or {}).get(name, "")),
            "reconstruction": "reconstruction" in note.lower(),
        }
        for name, credit in credits.items()
    ]
    header["classes"] = compared.told()
    return joined(header, body.parts)


def unpack(payload: bytes) -> dict[str, Any]:
    """The header with arrays for references, a level for every token, and strata for columns."""
    header = resolved(*parted(payload))
    for e in header["estimators"]:
        e["strip"] = spread(e["strip"], sum(header["lengths"]))
        if found := e["strata"]:
            columns = zip(
                header["classes"][found["of"]], found["mean"], found["baseline"], strict=True
            )
            e["strata"] = [{**known, "mean": m, "baseline": b} for known, m, b in columns]
    return header


def starting(payload: bytes, state: Mapping[str, Any]) -> bytes:
    """The same batch, with what the view starts with changed in some parts."""
    header, body = parted(payload)
    header["state"] |= state
    return joined(header, [body])


def _estimator(
    name: str,
    credit: Credit,
    compared: "_Compared",
    body: Body,
    *,
    outside: np.ndarray,
    given: Given,
    scale: float | None,
    segment: SegmentOfToken | None,
    unmeasured: Mask | None,
    inner: Spans | None,
) -> dict[str, Any]:
    advantage = _numpy(credit.advantage).astype(np.float32, copy=False)
    strip = quantise(advantage, given, scale)
    leaks = outside[advantage[outside] != 0]
    lacks = strip.masked > len(given.outside)
    faults = np.flatnonzero(np.isnan(advantage) & given.mask) if lacks else outside[:0]
    missing = faults[:0] if unmeasured is None else faults[_numpy(unmeasured)[faults]]
    return {
        "name": name,
        "scale": strip.scale,
        "masked": len(given.outside) / max(1, len(advantage)),
        "not_a_number": body.add(faults.astype(np.int32)),
        "unmeasured": body.add(missing.astype(np.int32)),
        "strip": body.track(strip.start, strip.level),
        "leaks": body.add(leaks.astype(np.int32)),
        "beyond": [body.add(strip.beyond.astype(np.int32)), body.add(advantage[strip.beyond])],
        "terms": {term: _track(getattr(credit, term), inner, body) for term in TERMS},
        **compared.peers(credit, segment),
        "segment": _cuts(segment, body),
    }


class _Compared:
    """Who was compared with whom, once for all estimators that compare the same tokens."""

    def __init__(self, rollouts: Rollouts, body: Body) -> None:
        self.rollouts = rollouts
        self.body = body
        self.breaks = borders(rollouts)
        self.found: list[tuple[np.ndarray, SegmentOfToken | None, dict, Classes | None]] = []

    def told(self) -> list[list[dict[str, Any]]]:
        """What is known of the classes; an estimator's strata refer to them by their place."""
        return [[] if several is None else several.known for *_, several in self.found]

    def peers(self, credit: Credit, segment: SegmentOfToken | None) -> dict[str, Any]:
        if credit.peers is None:
            return {"peers": None, "strata": None}
        peers = _numpy(credit.peers)
        of = next(
            (
                k
                for k, (old, cut, *_) in enumerate(self.found)
                if _same(cut, segment) and np.array_equal(old, peers)
            ),
            len(self.found),
        )
        if of == len(self.found):
            cut = None if segment is None else _numpy(segment)
            several = classes(peers, cut, self.rollouts, self.breaks)
            track = _track(credit.peers, None, self.body, np.int32)
            self.found.append((peers, segment, track, several))
        *_, track, several = self.found[of]
        return {"peers": track, "strata": several and {"of": of} | strata(credit, several)}


def _same(a: Tensor | None, b: Tensor | None) -> bool:
    return a is b or (a is not None and b is not None and torch.equal(a, b))


def _track(
    value: Tensor | float | None, inner: Spans | None, body: Body, dtype: type = np.float32
) -> Any:
    """One number a token: null, a number, runs {start, value} or {dense}."""
    if value is None or isinstance(value, int | float):
        return value
    array = _numpy(value)
    if inner is not None:
        array = np.concatenate([array[:0], *(array[span] for span in inner)])
    array = array.astype(dtype, copy=False)
    begins = changes(array)
    if 2 * np.count_nonzero(begins) > len(array) + 1:
        return body.track(None, array)
    start = np.flatnonzero(begins)
    return body.track(start, array[start])


def _cuts(segment: Tensor | None, body: Body) -> Any:
    """The tokens at which a segment starts."""
    if segment is None:
        return None
    return body.add(runs(_numpy(segment)).astype(np.int32))


def _numpy(x: Tensor) -> np.ndarray:
    return x.numpy(force=True)


def _numbers(x: Tensor | None) -> Any:
    """Nested lists in which a number that was not measured is null."""
    if x is None:
        return None
    array = _numpy(x).astype(object)
    array[~np.isfinite(_numpy(x))] = None
    return array.tolist()


def _numbered(rollouts: Rollouts, groups: Sequence[int] | None) -> list[int] | None:
    many = int(rollouts.group.max()) + 1 if len(rollouts.group) else 0
    if groups is not None and len(groups) != many:
        raise ValueError(f"groups numbers {len(groups)} prompts, the batch has {many}")
    return None if groups is None else list(groups)


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
