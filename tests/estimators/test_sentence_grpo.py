"""Example M: four outputs of 2, 1, 3 and 2 sentences."""

import dataclasses

import pytest
import torch
from batches import batches
from hypothesis import given
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.aggregations.segment_mean import segment_mean
from explorer.estimators.sentence_grpo import sentence_grpo
from explorer.types import Rollouts

PARTS = [
    [[1, 1, 1], [1, 0.8, 1]],
    [[0, 0.4, 1]],
    [[1, 0.6, 1], [0, 0.2, 1], [0, 0.4, 0]],
    [[1, 1, 1], [0, 0.8, 1]],
]
M = Rollouts.from_lists(
    tokens=[[7] * (2 * len(parts)) for parts in PARTS],  # two tokens a sentence
    rewards=[0] * 4,
    group=[0] * 4,
    segment=[[s // 2 for s in range(2 * len(parts))] for parts in PARTS],
    segment_rewards=PARTS,
    dtype=torch.float64,
)


def test_m():
    credit = catalog.run(sentence_grpo, M)
    r = [1, 0.95, 0.25, 0.9, 0.2, 0.1, 1, 0.35]
    a = [1.157597, 1.021409, -0.885221, 0.885221, -1.021409, -1.293785, 1.157597, -0.612845]
    assert credit.target[::2].tolist() == pytest.approx(r)
    assert_close(credit.baseline, torch.full_like(credit.baseline, 0.575))
    assert_close(credit.scale, torch.full_like(credit.baseline, 0.36713985), atol=1e-7, rtol=0)
    assert credit.advantage[::2].tolist() == pytest.approx(a, abs=1e-6)
    assert_close(credit.advantage[::2], credit.advantage[1::2])


def test_only_the_ratio_of_the_weights_counts():
    a = catalog.run(sentence_grpo, M).advantage
    assert_close(catalog.run(sentence_grpo, M, w_corr=0.3, w_logic=0.125, w_fmt=0.075).advantage, a)


def test_one_sentence_an_output_is_grpo_with_the_population_std():
    rewards = [1.0, 0.0, 0.25, 0.75]
    one = Rollouts.from_lists(
        tokens=[[1]] * 4,
        rewards=rewards,
        group=[0] * 4,
        segment=[[0]] * 4,
        segment_rewards=[[[r, r, r]] for r in rewards],
        dtype=torch.float64,
    )
    r = one.rewards
    got = catalog.run(sentence_grpo, one, delta=0.0).advantage
    assert_close(got, (r - r.mean()) / r.std(correction=0))


@given(rollouts=batches())
def test_mean_0_and_second_moment_1_with_every_output_weighing_the_same(rollouts):
    credit = catalog.run(sentence_grpo, rollouts, delta=0.0)
    a, mask = credit.advantage[rollouts.mask], rollouts.mask
    sample, segment = rollouts.sample[mask], rollouts.segment[mask]
    group = rollouts.group[sample]
    weight = segment_mean(segment, sample, rollouts.group).double()  # of a token: 1 / (B S_i |s|)
    sums = [peers.total(weight * x, group) for x in (torch.ones_like(a), a, a * a)]
    mean, square = sums[1] / sums[0], sums[2] / sums[0]
    assert_close(mean, torch.zeros_like(mean), rtol=0, atol=1e-6)
    assert torch.all(torch.isclose(square, torch.ones_like(square), rtol=1e-5) | (square == 0))


def test_a_sentence_without_a_reward_is_left_out():
    nothing = torch.full((1, 3), torch.nan, dtype=torch.float64)
    parts = torch.cat([nothing, M.segment_rewards[1:2], nothing, M.segment_rewards[3:]])
    credit = catalog.run(sentence_grpo, dataclasses.replace(M, segment_rewards=parts))
    # The outputs that are left have means 0.95, 0.4 and 0.675; the second output is dropped.
    assert_close(credit.baseline[2:4], torch.full((2,), 0.675, dtype=torch.float64))
    assert not credit.advantage[:2].any()
    assert not credit.advantage[4:6].any()


def test_an_output_left_alone_gets_nothing():
    parts = M.segment_rewards.clone()
    parts[2:] = torch.nan
    assert not catalog.run(
        sentence_grpo, dataclasses.replace(M, segment_rewards=parts)
    ).advantage.any()


def test_wrong_parts_and_no_weights_are_named():
    with pytest.raises(ValueError, match=r"3 parts .* got 2"):
        catalog.run(sentence_grpo, dataclasses.replace(M, segment_rewards=M.segment_rewards[:, :2]))
    with pytest.raises(ValueError, match="weights of 0 only"):
        catalog.run(sentence_grpo, M, w_corr=0.0, w_logic=0.0, w_fmt=0.0)
