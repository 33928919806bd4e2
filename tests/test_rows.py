"""Padded rows: prompt, completion, padding."""

import pytest
import torch
from torch.testing import assert_close

from explorer.rows import parts, rows
from explorer.types import Rollouts

TWO = Rollouts.from_lists(
    tokens=[[5, 6, 7], [8]], rewards=[0, 0], group=[0, 1], prompt_tokens=[[1], [1, 2]]
)


def test_by_hand():
    read = rows(*parts(TWO))
    assert read.ids.tolist() == [[1, 5, 6, 7], [1, 2, 8, 0]]
    assert read.real.int().tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert read.inside.int().tolist() == [[0, 1, 1, 1], [0, 0, 1, 0]]


def test_what_is_said_before_a_token_stands_one_place_before_it():
    read = rows(*parts(TWO))
    assert read.before(read.place).tolist() == [0, 1, 2, 1]


def test_a_number_of_each_token_finds_its_place():
    read = rows(*parts(TWO))
    x = torch.tensor([0.5, 1.0, 2.0, 4.0])
    spread = read.spread(x)
    assert spread.tolist() == [[0, 0.5, 1, 2], [0, 0, 4, 0]]
    assert_close(spread[read.inside], x)


def test_prompts_have_to_be_known():
    with pytest.raises(ValueError, match="record prompt_tokens"):
        parts(Rollouts.from_lists(tokens=[[1]], rewards=[0], group=[0]))
