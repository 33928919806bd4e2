import dataclasses

import pytest
import torch
from torch.testing import assert_close

from explorer.catalog import NotMeasured
from explorer.reference import reference
from explorer.types import Rollouts

NAN = float("nan")
BATCH = Rollouts.from_lists(
    tokens=[[1, 2, 3, 4], [1, 2]],
    rewards=[1.0, 0.5],
    group=[0, 0],
    mc_values=[[0.5, NAN, 0.75, NAN], [NAN, 0.25]],
    mc_sem=[[0.1, NAN, 0.2, NAN], [NAN, 0.3]],
    block=[[0, 0, 1, 1], [0, -1]],
    reward_parts=[[0.75, 0.25], [0.5, 0.0]],
    mc_block_values=[[[0.25, 0.25], [NAN, NAN], [0.5, 0.25], [NAN, NAN]], [[0.0, 0.25], [0, 0.25]]],
    mc_block_sem=[[[0.1, 0.0], [NAN, NAN], [0.2, 0.0], [NAN, NAN]], [[0.1, 0.1], [0.1, 0.1]]],
)


def test_both_ends_of_a_segment_give_its_advantage():
    # sample 0: .75 - .5 on its first two tokens, the reward 1 - .75 on the others
    # sample 1: nothing is known before its second token, then .5 - .25
    truth, variance = reference(BATCH)
    assert_close(truth, torch.tensor([0.25, 0.25, 0.25, 0.25, NAN, 0.25]), equal_nan=True)
    expected = torch.tensor([0.05, 0.05, 0.04, 0.04, NAN, 0.09])
    assert_close(variance, expected, equal_nan=True)


def test_each_block_has_its_own_reward():
    # block 0 of sample 0: .5 - .25; block 1: what it earned, .25, minus .25
    truth, variance = reference(BATCH, "block")
    assert_close(truth, torch.tensor([0.25, 0.25, 0.0, 0.0, 0.0, NAN]), equal_nan=True)
    assert_close(variance[:4], torch.tensor([0.05, 0.05, 0.0, 0.0]))


def test_a_token_that_was_not_sampled_has_none():
    masked = dataclasses.replace(BATCH, mask=torch.tensor([True, False] + [True] * 4))
    truth, _ = reference(masked)
    assert truth.isnan().tolist() == [False, True, False, False, True, False]


def test_what_is_missing_is_said():
    with pytest.raises(NotMeasured, match=r"explorer\.truth\.measure"):
        reference(dataclasses.replace(BATCH, mc_values=None))
    with pytest.raises(NotMeasured, match="'mc_sem'"):
        reference(dataclasses.replace(BATCH, mc_sem=None))
    with pytest.raises(NotMeasured, match="'mc_block_values'"):
        reference(dataclasses.replace(BATCH, mc_block_values=None), "block")
