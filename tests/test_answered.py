"""Which tokens are the answer, for every task's way to write one."""

import pytest

from explorer.answered import answer
from explorer.types import Rollouts


def found(pieces: list[str], segment: list[int] | None = None) -> list[str]:
    """The pieces of the answer, in a batch whose other sample is nothing but an answer."""
    rollouts = Rollouts.from_lists(
        tokens=[[1] * len(pieces), [1]],
        rewards=[0, 0],
        group=[0, 0],
        pieces=[pieces, ["7"]],
        segment=None if segment is None else [segment, [0]],
    )
    asked = answer(rollouts).tolist()
    assert asked[-1]
    return [piece for piece, inside in zip(pieces, asked, strict=False) if inside]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["<answer>", "1", "8", "</answer>", "<confidence>", "0.5"], ["1", "8"]),
        (["3", "<answer>1</answer>", "<answer>", "2", "</answer>"], ["2"]),  # the second attempt
        (["so <ans", "wer>1", "8</ans", "wer>!"], ["wer>1", "8</ans"]),  # characters of both
        (["it is \\box", "ed{", "\\frac{1}{2}", "}", " 3"], ["\\frac{1}{2}"]),
        (["12 and ", "", "-3", ".5", " apples"], ["-3", ".5"]),
        (["<answer>", "</answer>", "no number"], []),
        ([], []),
    ],
    ids=["tags", "the last tags", "across tokens", "boxed", "the last number", "none", "nothing"],
)
def test_an_answer_is_found(pieces, expected):
    assert found(pieces) == expected


def test_without_a_mark_it_is_the_last_step():
    walk = ["<move>E</move>", "<see>2,1</see>", "<move>S</move>", "<eos>"]
    assert found(walk, [0, 0, 1, 1]) == ["<move>S</move>", "<eos>"]


def test_a_mark_goes_before_steps():
    assert found(["<answer>", "5", "</answer>", "..."], [0, 0, 0, 1]) == ["5"]


def test_the_text_has_to_be_known():
    with pytest.raises(ValueError, match="record the tokens' pieces"):
        answer(Rollouts.from_lists(tokens=[[1]], rewards=[0], group=[0]))
