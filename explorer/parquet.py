"""Rollouts as a Parquet file: one row a sample, list columns, readable by polars, DuckDB, pandas.

A field that was not measured has no column. What belongs to a prompt repeats in every row of its
group, `prompts` under the name `prompt`. `segment` counts inside its sample from `segment_start`,
the number of the sample's first segment in the batch. Element types, and what is on no sample (the
nodes of a sampled tree), stand in the schema's metadata under `explorer`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor

from explorer import ragged
from explorer.types import Rollouts, axes

SCHEMA = 1
ROW_GROUP = 32  # samples; one sample of a large file is read in about a millisecond
_REPETITIVE = ("tokens", "mask", "pieces", "block", "segment", "prompt_tokens")
_DICTIONARIES: Any = [f"{name}.list.element" for name in _REPETITIVE] + ["prompt"]


def write(path: Path, rollouts: Rollouts) -> None:
    """Write one file, whole or not at all.

    Raises:
        ValueError: samples whose tokens or segments do not lie one after another, or a prompt
            without samples: rows could not hold them.
    """
    table = _table(rollouts.to("cpu"))
    hidden = path.with_name(path.name + ".tmp")
    pq.write_table(
        table, hidden, compression="zstd", use_dictionary=_DICTIONARIES, row_group_size=ROW_GROUP
    )
    hidden.replace(path)


def fields(path: Path) -> list[str]:
    """The fields that were written, on every axis but that of the nodes; reads no rows.

    Raises:
        ValueError: not a Parquet file.
    """
    try:
        return pq.read_schema(path).names
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"{path} cannot be read as Parquet: {error}") from error


def read(path: Path) -> Rollouts:
    """The rollouts of one file, exactly as they were written.

    Raises:
        ValueError: not such a file, or one of a newer schema.
    """
    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"{path} cannot be read as Parquet: {error}") from error
    text = (table.schema.metadata or {}).get(b"explorer")
    if text is None:
        raise ValueError(f"{path} holds no rollouts: its schema has no `explorer` metadata")
    meta = json.loads(text)
    if meta["schema"] > SCHEMA:
        raise ValueError(
            f"{path} has schema {meta['schema']}, newer than {SCHEMA}; update this program"
        )
    return _rollouts(table, meta)


def _table(rollouts: Rollouts) -> pa.Table:
    if bool((rollouts.sample.diff() < 0).any()):
        raise ValueError("the tokens of a sample must lie one after another to be written")
    on_tokens = _offsets(ragged.lengths(rollouts))
    first = None
    columns: dict[str, pa.Array] = {}
    if rollouts.segment is not None:
        first = _segment_starts(rollouts)
        columns["segment_start"] = _flat(first[:-1])
        columns["segment"] = pa.ListArray.from_arrays(
            on_tokens, _flat(rollouts.segment - first[rollouts.sample])
        )
    kinds: dict[str, list[Any]] = {}
    loose: dict[str, list] = {}
    for name, axis in axes().items():
        value = getattr(rollouts, name)
        if value is None:
            continue
        if isinstance(value, Tensor):
            kinds[name] = [str(value.dtype).removeprefix("torch."), *value.shape[1:]]
        if name in ("sample", "segment"):
            continue
        if axis == "tokens":
            entries = _flat(value) if isinstance(value, list) else _rows(value)
            columns[name] = pa.ListArray.from_arrays(on_tokens, entries)
        elif axis == "samples":
            columns[name] = _rows(value)
        elif axis == "groups":
            columns[_column(name)] = _of_prompt(name, value, rollouts.group)
        elif axis == "segments":
            if first is None:
                raise ValueError(f"{name} cannot be written without segment")
            columns[name] = pa.ListArray.from_arrays(_flat(first.int()), _rows(value))
        else:
            loose[name] = value.tolist()
    meta = {"schema": SCHEMA, "kinds": kinds, "loose": loose}
    return pa.table(columns).replace_schema_metadata({"explorer": json.dumps(meta)})


def _rollouts(table: pa.Table, meta: dict[str, Any]) -> Rollouts:
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    fields: dict[str, Any] = {}
    for name, axis in axes().items():
        if name in meta["loose"]:
            fields[name] = _tensor(meta["loose"][name], meta["kinds"][name])
            continue
        if (column := columns.get(_column(name))) is None:
            continue
        if axis == "groups":
            group = columns["group"].to_numpy()
            column = column.take(pa.array(np.unique(group, return_index=True)[1]))
        if name not in meta["kinds"]:
            fields[name] = (column.flatten() if axis == "tokens" else column).to_pylist()
            continue
        while pa.types.is_list(column.type):
            column = column.flatten()
        fields[name] = _tensor(column.to_numpy(zero_copy_only=False), meta["kinds"][name])
    lengths = _tensor(columns["tokens"].value_lengths().to_numpy(), ["int64"])
    fields["sample"] = torch.arange(len(lengths)).repeat_interleave(lengths)
    if "segment" in fields:
        first = _tensor(columns["segment_start"].to_numpy(), ["int64"])
        fields["segment"] = fields["segment"] + first[fields["sample"]]
    return Rollouts(**fields)


def _segment_starts(rollouts: Rollouts) -> Tensor:
    """The first segment of each sample, and their number; an empty one goes to the sample before.

    Raises:
        ValueError: segments that are not numbered through.
    """
    segment, sample = rollouts.segment, rollouts.sample
    assert segment is not None
    step = segment.diff()
    if bool((step < 0).any()) or bool((step[sample.diff() > 0] == 0).any()):
        raise ValueError("segments must be numbered through, sample after sample, to be written")
    on_segments = [getattr(rollouts, name) for name, axis in axes().items() if axis == "segments"]
    total = max(
        [len(x) for x in on_segments if x is not None] + [int(x) + 1 for x in segment[-1:]] + [0]
    )
    first = torch.full((len(rollouts.rewards) + 1,), total)
    first.scatter_reduce_(0, sample, segment, "amin")
    first = first.flip(0).cummin(0).values.flip(0)
    if len(first) > 1:
        first[0] = 0
    return first


def _of_prompt(name: str, value: Any, group: Tensor) -> pa.Array:
    if set(group.tolist()) != set(range(len(value))):
        raise ValueError(f"{name} has {len(value)} prompts; each needs samples to be written")
    return _rows(value[group]) if isinstance(value, Tensor) else pa.array([value[g] for g in group])


def _column(name: str) -> str:
    return "prompt" if name == "prompts" else name


def _offsets(lengths: Tensor) -> pa.Array:
    return _flat(torch.cat([torch.zeros(1), lengths]).cumsum(0).int())


def _rows(value: Tensor) -> pa.Array:
    """One scalar, or one list of scalars, a row."""
    if value.ndim == 1:
        return _flat(value)
    width = torch.full((len(value),), value.shape[1])
    return pa.ListArray.from_arrays(_offsets(width), _flat(value.flatten()))


def _flat(value: Tensor | list[str]) -> pa.Array:
    if isinstance(value, list):
        return pa.array(value, pa.string())
    narrow = value.dtype in (torch.float16, torch.bfloat16)  # float32 holds them exactly
    return pa.array((value.float() if narrow else value).numpy())


def _tensor(values: Any, kind: list[Any]) -> Tensor:
    dtype, *width = kind
    flat = torch.tensor(values).to(getattr(torch, dtype))
    return flat.reshape(len(flat) // max(width[0], 1), *width) if width else flat
