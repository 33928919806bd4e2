"""Batches built from ragged lists, and the credit."""

import pytest
import torch
from torch.testing import assert_close

from explorer.types import Credit, Rollouts, axes

LISTS = {"tokens": [[1, 2], [3]], "rewards": [1, 0.5], "group": [0, 0]}


def test_lists_become_flat_arrays():
    batch = Rollouts.from_lists(
        **LISTS,
        values=[[0.5, None], [1]],
        pieces=[["a", "b"], ["c"]],
        outcomes=[[0, 1], [0, 0]],
        block_rewards=[[1, None], [0, 0]],
        finished=[True, False],
        prompts=["2+2="],
    )
    assert batch.tokens.tolist() == [1, 2, 3]
    assert batch.sample.tolist() == [0, 0, 1]
    assert batch.mask.all()
    assert_close(batch.values, torch.tensor([0.5, torch.nan, 1.0]), equal_nan=True)
    assert batch.pieces == ["a", "b", "c"]
    assert batch.outcomes.dtype == torch.int64
    assert batch.block_rewards[0].isnan().tolist() == [False, True]
    assert batch.finished.tolist() == [True, False]
    assert batch.prompts == ["2+2="]
    assert batch.logprobs is None


def test_segments_count_inside_each_sample():
    batch = Rollouts.from_lists(
        **LISTS,
        segment=[[0, 2], [0]],
        segment_rewards=[[[1], [2], [3]], [[4]]],
        state=[[7, 8, 7], [7]],
    )
    assert batch.segment.tolist() == [0, 2, 3]  # segment 1 has no token, but keeps its number
    assert batch.segment_rewards.flatten().tolist() == [1, 2, 3, 4]
    assert batch.state.tolist() == [7, 8, 7, 7]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rewards": [1]}, "rewards has 1 samples, but tokens has 2"),
        ({"values": [[1, 2], [3, 4]]}, "values of sample 1 has 2 tokens, not 1"),
        ({"rewards": [1, float("nan")]}, "the reward of sample 1 is nan; rewards must be finite"),
        ({"rewards": [float("inf"), 1]}, "the reward of sample 0 is inf; rewards must be finite"),
        ({"reward": [1, 2]}, "Rollouts has no field 'reward'; it has tokens, mask"),
        (
            {"segment": [[0, 1], [0]], "segment_rewards": [[[1]], [[1]]]},
            "sample 0 names segment 1, but has 1 segment_rewards",
        ),
        (
            {"segment": [[0, 0], [0]], "segment_rewards": [[[1]], [[1]]], "state": [[1, 2], [1]]},
            "sample 0 has unequal numbers of segments",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(change, sentence):
    with pytest.raises(ValueError) as error:
        Rollouts.from_lists(**(LISTS | change))
    assert str(error.value).startswith(sentence)


def test_every_field_has_an_axis():
    assert axes()["values"] == axes()["pieces"] == "tokens"
    assert axes()["outcomes"] == axes()["rewards"] == "samples"
    assert axes()["segment_rewards"] == axes()["state"] == "segments"
    assert axes()["prompts"] == axes()["prompt_tokens"] == "groups"


def test_moving_and_widening_keep_what_is_not_an_array():
    batch = Rollouts.from_lists(**LISTS, prompts=["a"]).to("cpu").double()
    assert batch.rewards.dtype == torch.float64
    assert batch.tokens.dtype == torch.int64
    assert batch.prompts == ["a"]


def test_the_axes_are_checked():
    """Also proves that run-time shape checks are on in this run."""
    with pytest.raises(TypeError):
        Rollouts(
            tokens=torch.zeros(3, dtype=torch.int64),
            mask=torch.ones(3, dtype=torch.bool),
            sample=torch.zeros(2, dtype=torch.int64),
            rewards=torch.zeros(1),
            group=torch.zeros(1, dtype=torch.int64),
        )


def test_the_formula_of_an_advantage():
    # 2 * (3 - 1) / 4 + 0.5
    one = torch.ones(1)
    credit = Credit(target=3 * one, baseline=one, scale=4.0, weight=2 * one, bonus=0.5)
    assert_close(credit.advantage, torch.tensor([1.5]))
