"""The completions of one prompt, with what estimators give their tokens, packed for the view."""

import dataclasses
from typing import Any

import streamlit as st
import torch

from app import batch, stored
from app.batch import Entry, Key
from explorer import catalog, ragged, unmeasured
from explorer.types import Credit, Mask
from explorer.view import wire


@st.cache_data(max_entries=64, show_spinner=False)
def payload(
    at: Key,
    group: int,
    entries: tuple[Entry, ...],
    *,
    noise: stored.At | None,
    notes: dict[str, str],
    **names: Any,
) -> bytes:
    """Packed credit; with a score table, what each token adds to the noise beside it."""
    rollouts = batch.rollouts(at)
    tokens = (rollouts.group == group)[rollouts.sample]
    credits, segments, lacks = {}, {}, {}
    for entry in entries:
        given, segment = batch.credit(at, entry)
        credits[entry.label] = cut(given, tokens)
        estimator = catalog.load("estimators", entry.estimator)
        lacks[entry.label] = unmeasured.tokens(estimator, rollouts)[tokens]
        if segment is not None:
            segments[entry.label] = segment[tokens]
        if noise is not None:
            label = f"noise of {entry.label}"
            credits[label] = cut(stored.strip(noise, entry), tokens)
            notes = notes | {label: stored.NOTE}
    return wire.pack(
        ragged.of_group(rollouts, group),
        credits,
        step=at.step,
        groups=[group],
        segments=segments,
        unmeasured=lacks,
        focus=list(credits)[:2],
        notes=notes,
        **names,
    )


def cut(given: Credit, tokens: Mask) -> Credit:
    """The credit of some tokens."""
    parts = {f.name: getattr(given, f.name) for f in dataclasses.fields(given)}
    return Credit(**{k: v[tokens] if isinstance(v, torch.Tensor) else v for k, v in parts.items()})
