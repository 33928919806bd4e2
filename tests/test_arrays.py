"""A batch's numbers as files."""

import csv
import json
import math

import numpy as np
import torch

from explorer import arrays
from explorer.types import Credit, Rollouts

ROLLOUTS = Rollouts.from_lists(
    tokens=[[5, 6, 7], [8]],
    mask=[[True, False, True], [True]],
    rewards=[1.0, 0.0],
    group=[0, 1],
    pieces=[["=1+1", '"\n', "é"], [" "]],
)
CREDITS = {
    "grpo": Credit(target=torch.tensor([0.5, 0.0, 0.1, -2.0]), baseline=torch.zeros(4)),
    'a,"b"': Credit(target=torch.tensor([math.nan, 0.0, 0.0, 1.0]), baseline=torch.zeros(4)),
}


def test_a_line_a_token(tmp_path):
    arrays.table(tmp_path / "out.csv", ROLLOUTS, CREDITS)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    assert head == ["completion", "token", "id", "text", "grpo", 'a,"b"']
    assert lines == [
        ["0", "0", "5", '"=1+1"', "0.5", ""],
        ["0", "1", "6", '"\\"\\n"', "", ""],  # not sampled
        ["0", "2", "7", '"é"', "0.100000001", "0"],
        ["1", "0", "8", '" "', "-2", "1"],
    ]


def test_arrays_are_exact(tmp_path):
    arrays.arrays(tmp_path / "out.npz", ROLLOUTS, CREDITS)
    with np.load(tmp_path / "out.npz") as found:
        assert found["ids"].tolist() == [5, 6, 7, 8]
        assert found["sample"].tolist() == [0, 0, 0, 1]
        assert found["group"].tolist() == [0, 1]
        assert found["rewards"].tolist() == [1.0, 0.0]
        wanted = np.array([0.5, math.nan, 0.1, -2.0], dtype=np.float32)
        np.testing.assert_array_equal(found["advantage_grpo"], wanted)
        assert 'advantage_a,"b"' in found


def test_a_batch_without_text(tmp_path):
    bare = Rollouts.from_lists(tokens=[[5]], rewards=[1.0], group=[0])
    credit = Credit(target=torch.ones(1), baseline=torch.zeros(1))
    arrays.table(tmp_path / "out.csv", bare, {"x": credit})
    assert (tmp_path / "out.csv").read_text().splitlines()[1] == '0,0,5,"""""",1'


def test_half_of_a_surrogate_pair_is_spelt_out(tmp_path):
    odd = Rollouts.from_lists(tokens=[[5]], rewards=[1.0], group=[0], pieces=[["a\ud83d"]])
    credit = Credit(target=torch.ones(1), baseline=torch.zeros(1))
    arrays.table(tmp_path / "out.csv", odd, {"x": credit})
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        _, (*_, text, _) = csv.reader(file)
    assert json.loads(text) == "a\ud83d"
