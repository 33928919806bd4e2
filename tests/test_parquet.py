"""Rollouts survive the disk: every field, every shape, to the bit."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from arbitrary import fields_of_any_shape, same
from hypothesis import given
from hypothesis import strategies as st

from explorer import parquet
from explorer.types import Rollouts

SMALL = Rollouts.from_lists(
    tokens=[[1, 2], [3]],
    rewards=[1, 0],
    group=[0, 0],
    segment=[[0, 1], [0]],
    segment_rewards=[[[1.0], [None]], [[0.5], [0.25]]],
    pieces=[["a", "é"], ["𝛑"]],
    prompts=["7+1="],
)


@given(fields=fields_of_any_shape())
def test_every_field_comes_back_to_the_bit(fields, tmp_path_factory):
    path = tmp_path_factory.mktemp("round") / "part-0.parquet"
    rollouts = Rollouts(**fields)
    parquet.write(path, rollouts)
    same(parquet.read(path), rollouts)


@given(dtype=st.sampled_from([torch.float16, torch.bfloat16, torch.float64]))
def test_the_precision_comes_back(dtype, tmp_path_factory):
    path = tmp_path_factory.mktemp("precision") / "part-0.parquet"
    rollouts = Rollouts.from_lists(tokens=[[1]], rewards=[0.1], group=[0], dtype=dtype)
    parquet.write(path, rollouts)
    same(parquet.read(path), rollouts)


def test_a_row_is_a_sample_that_other_tools_can_read(tmp_path):
    parquet.write(tmp_path / "x", SMALL)
    rows = pq.read_table(tmp_path / "x").to_pylist()
    assert [row["tokens"] for row in rows] == [[1, 2], [3]]
    assert [row["prompt"] for row in rows] == ["7+1=", "7+1="]
    assert [row["segment"] for row in rows] == [[0, 1], [0]]
    assert [len(row["segment_rewards"]) for row in rows] == [2, 2]
    assert "values" not in rows[0]


def test_nothing_but_the_file_is_left(tmp_path):
    parquet.write(tmp_path / "part-0.parquet", SMALL)
    assert [p.name for p in tmp_path.iterdir()] == ["part-0.parquet"]


def test_scattered_tokens_are_refused(tmp_path):
    scattered = Rollouts(
        tokens=torch.tensor([1, 2, 3]),
        mask=torch.ones(3, dtype=torch.bool),
        sample=torch.tensor([0, 1, 0]),
        rewards=torch.zeros(2),
        group=torch.zeros(2, dtype=torch.int64),
    )
    with pytest.raises(ValueError, match="one after another"):
        parquet.write(tmp_path / "x", scattered)
    assert not list(tmp_path.iterdir())


def test_a_prompt_without_samples_is_refused(tmp_path):
    lonely = Rollouts.from_lists(tokens=[[1]], rewards=[1], group=[0], prompts=["a", "b"])
    with pytest.raises(ValueError, match="prompts has 2 prompts; each needs samples"):
        parquet.write(tmp_path / "x", lonely)


def test_other_files_are_named_in_the_error(tmp_path):
    (tmp_path / "text").write_text("not Parquet")
    with pytest.raises(ValueError, match="text cannot be read as Parquet"):
        parquet.read(tmp_path / "text")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "foreign")
    with pytest.raises(ValueError, match="foreign holds no rollouts"):
        parquet.read(tmp_path / "foreign")
    newer = pa.table({"a": [1]}).replace_schema_metadata({"explorer": json.dumps({"schema": 99})})
    pq.write_table(newer, tmp_path / "newer")
    with pytest.raises(ValueError, match="schema 99, newer than 1"):
        parquet.read(tmp_path / "newer")
