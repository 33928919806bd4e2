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


# Zero, a token that was not sampled, one that something is not known of, a fault, and no fault.
ODD = Rollouts.from_lists(
    tokens=[[1, 2, 3, 4, 5]], mask=[[True, False, True, True, True]], rewards=[1.0], group=[0]
)
LACKING = Credit(
    target=torch.tensor([0.0, math.nan, math.nan, math.nan, math.inf]), baseline=torch.zeros(5)
)
MISSING = torch.tensor([True, True, True, False, True])
HEAD = ["completion", "prompt", "token", "id", "text"]


def written(path, *given, **options) -> list[list[str]]:
    arrays.table(path, *given, **options)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_line_a_token(tmp_path):
    head, *lines = written(tmp_path / "out.csv", ROLLOUTS, CREDITS)
    assert head == [*HEAD, "grpo", 'a,"b"', "grpo_state", 'a,"b"_state']
    assert lines == [
        ["1", "0", "1", "5", '"=1+1"', "0.5", "", "", "not a number"],
        ["1", "0", "2", "6", '"\\"\\n"', "", "", "masked", "masked"],
        ["1", "0", "3", "7", '"é"', "0.100000001", "0", "", ""],
        ["2", "1", "1", "8", '" "', "-2", "1", "", ""],
    ]


def test_the_four_of_a_table_are_apart(tmp_path):
    _, *lines = written(tmp_path / "out.csv", ODD, {"x": LACKING}, unmeasured={"x": MISSING})
    assert [line[-2:] for line in lines] == [
        ["0", ""],
        ["", "masked"],
        ["", "not measured"],
        ["", "not a number"],
        ["inf", ""],
    ]
    # A column of numbers is read as one, whatever it lacks.
    assert np.genfromtxt(tmp_path / "out.csv", delimiter=",", names=True)["x"].dtype == float


def test_the_four_of_arrays_are_apart(tmp_path):
    arrays.arrays(tmp_path / "out.npz", ODD, {"x": LACKING}, unmeasured={"x": MISSING})
    with np.load(tmp_path / "out.npz") as found:
        nan, given = math.nan, found["advantage_x"]
        np.testing.assert_array_equal(given, np.array([0, nan, nan, nan, math.inf]))
        assert found["masked_x"].tolist() == [False, True, False, False, False]
        assert found["unmeasured_x"].tolist() == [False, False, True, False, False]
        assert found["masked_x"].dtype == found["unmeasured_x"].dtype == bool


def test_prompts_keep_their_numbers(tmp_path):
    _, *lines = written(tmp_path / "out.csv", ROLLOUTS, CREDITS, groups=[3, 7])
    assert [line[1] for line in lines] == ["3", "3", "3", "7"]
    arrays.arrays(tmp_path / "out.npz", ROLLOUTS, CREDITS, groups=[3, 7])
    with np.load(tmp_path / "out.npz") as found:
        assert found["group"].tolist() == [3, 7]


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
    assert (tmp_path / "out.csv").read_text().splitlines()[1] == "1,0,1,5,,1,"


def test_half_of_a_surrogate_pair_is_spelt_out(tmp_path):
    odd = Rollouts.from_lists(tokens=[[5]], rewards=[1.0], group=[0], pieces=[["a\ud83d"]])
    credit = Credit(target=torch.ones(1), baseline=torch.zeros(1))
    _, (*_, text, _, _) = written(tmp_path / "out.csv", odd, {"x": credit})
    assert json.loads(text) == "a\ud83d"
