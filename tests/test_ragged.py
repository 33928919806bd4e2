"""Parts of a batch."""

import dataclasses

import torch
from batches import batches
from hypothesis import given
from torch.testing import assert_close

from explorer import ragged
from explorer.types import Rollouts, axes

BATCH = Rollouts.from_lists(
    tokens=[[1, 2], [3], [4, 5, 6]],
    rewards=[1, 2, 3],
    group=[1, 0, 2],
    mask=[[True, False], [True], [False, True, True]],
    pieces=[["a", "b"], ["c"], ["d", "e", "f"]],
    segment=[[0, 1], [0], [0, 0, 1]],
    segment_rewards=[[[1], [2]], [[3]], [[4], [5]]],
    state=[[1, 2], [3], [4, 5]],
    prompts=["x", "y", "z"],
)


def test_samples_are_selected_with_all_that_is_theirs():
    part = ragged.select(BATCH, torch.tensor([True, False, True]))
    assert part.tokens.tolist() == [1, 2, 4, 5, 6]
    assert part.sample.tolist() == [0, 0, 1, 1, 1]
    assert part.rewards.tolist() == [1, 3]
    assert part.pieces == ["a", "b", "d", "e", "f"]
    assert part.segment.tolist() == [0, 1, 2, 2, 3]
    assert part.segment_rewards.flatten().tolist() == [1, 2, 4, 5]
    assert part.state.tolist() == [1, 2, 4, 5]
    assert part.group.tolist() == [0, 1]
    assert part.prompts == ["y", "z"]
    assert part.values is None


def test_one_prompt():
    part = ragged.of_group(BATCH, 2)
    assert part.rewards.tolist() == [3]
    assert part.prompts == ["z"]


def test_nothing_selected():
    part = ragged.select(BATCH, torch.zeros(3, dtype=torch.bool))
    assert len(part.tokens) == len(part.rewards) == len(part.prompts) == 0


def test_sampled_tokens_keep_every_sample():
    part = ragged.sampled_only(BATCH)
    assert part.tokens.tolist() == [1, 3, 5, 6]
    assert part.pieces == ["a", "c", "e", "f"]
    assert part.sample.tolist() == [0, 1, 2, 2]
    assert len(part.rewards) == 3
    assert ragged.lengths(BATCH).tolist() == [2, 1, 3]
    assert ragged.lengths(part).tolist() == [1, 1, 2]


def test_only_what_is_named_is_taken():
    fields = ragged.taken(BATCH, ("tokens", "rewards", "values"), ragged.sampled(BATCH))
    assert {name: None if x is None else x.tolist() for name, x in fields.items()} == {
        "tokens": [1, 3, 5, 6],
        "rewards": [1, 2, 3],
        "values": None,
    }
    assert ragged.taken(BATCH, ("tokens",), None)["tokens"] is BATCH.tokens


@given(rollouts=batches(empty=True))
def test_the_whole_of_a_batch_is_itself(rollouts):
    same = ragged.select(rollouts, torch.ones_like(rollouts.rewards, dtype=torch.bool))
    for name in axes():
        a, b = getattr(same, name), getattr(rollouts, name)
        if b is not None:
            assert_close(a, b, rtol=0, atol=0, equal_nan=True)


@given(rollouts=batches(empty=True))
def test_the_groups_make_up_the_batch(rollouts):
    whole = dataclasses.replace(rollouts, tokens=torch.arange(len(rollouts.tokens)))
    parts = [ragged.of_group(whole, g) for g in whole.group.unique().tolist()]
    assert sorted(t for part in parts for t in part.tokens.tolist()) == whole.tokens.tolist()
    assert sum(len(part.rewards) for part in parts) == len(whole.rewards)
