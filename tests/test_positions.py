import pytest
import torch

from explorer.positions import Prefix, positions, prefixes
from explorer.types import Rollouts

BATCH = Rollouts.from_lists(
    tokens=[[5, 6, 7], [5, 6, 8, 9], [5, 6, 7]],
    rewards=[0.0, 0.0, 0.0],
    group=[0, 0, 1],
    block=[[0, 0, 1], [0, 0, 0, 1], [0, 1, 1]],
    segment=[[0, 1, 1], [0, 0, 1, 2], [0, 0, 0]],
    logprobs=[[-0.1, -3.0, -0.1], [-0.1, -0.1, -3.0, -3.0], [-3.0, -0.1, -0.1]],
    mask=[[True, True, True], [True, True, True, False], [True, True, True]],
)


@pytest.mark.parametrize(
    ("at", "chosen"),
    [
        ("tokens", "111 1110 111"),
        ("blocks", "101 1000 110"),
        ("steps", "110 1010 100"),
        ("segments", "110 1010 100"),
        ([0, 2], "101 1010 101"),
        ([], "100 1000 100"),
    ],
)
def test_chosen_tokens(at, chosen):
    expected = [c == "1" for c in chosen.replace(" ", "")]
    assert positions(BATCH, at).tolist() == expected


def test_another_segmenter_cuts():
    found = positions(BATCH, "segments", segmenter="fixed", length=2)
    assert found.tolist() == [c == "1" for c in "1011010101"]


def test_equal_prefixes_are_one_state():
    found, index = prefixes(BATCH, positions(BATCH, "tokens"))
    assert found == [
        Prefix(0, 0, 0),
        Prefix(0, 0, 1),
        Prefix(0, 0, 2),
        Prefix(1, 2, 0),
        Prefix(1, 2, 1),
        Prefix(1, 2, 2),
    ]
    assert index.tolist() == [0, 1, 2, 0, 1, 2, -1, 3, 4, 5]


def test_prefixes_that_differ_are_two_states():
    found, index = prefixes(BATCH, torch.tensor([False] * 6 + [True] + [False] * 3))
    assert found == [Prefix(0, 1, 3)]
    assert index.tolist() == [-1] * 6 + [0] + [-1] * 3


def test_what_is_missing_is_said():
    bare = Rollouts.from_lists(tokens=[[1]], rewards=[0.0], group=[0])
    with pytest.raises(ValueError, match="have no blocks"):
        positions(bare, "blocks")
    with pytest.raises(ValueError, match="must be tokens, segments"):
        positions(bare, "sentence")
