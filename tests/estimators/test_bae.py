"""Examples A, B, G, N and O of the worked numbers."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from batches import batches
from hypothesis import given
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.aggregations.block_mean import block_mean
from explorer.estimators.bae import bae
from explorer.estimators.dr_grpo import dr_grpo
from explorer.objectives.ppo_clip import ppo_clip
from explorer.types import Rollouts

RIGHT = [1, 1, 1, 0], [0.9, 0.6, 0.5, 0.6]  # c and q of four samples
OTHER = [0, 0, 1, 0], [0.2, 0.1, 0.3, 0.4]
LENGTHS = [(6, 2), (4, 3), (5, 2), (8, 4)]


def confident(*prompts) -> Rollouts:
    """Block 0 earns c, block 1 earns minus (q - c) squared and has the outcome c."""
    each = [(c, q, g) for g, (cs, qs) in enumerate(prompts) for c, q in zip(cs, qs, strict=True)]
    lengths = LENGTHS * len(prompts)
    return Rollouts.from_lists(
        tokens=[[1] * (a + b) for a, b in lengths],
        rewards=[c - (q - c) ** 2 for c, q, _ in each],
        group=[g for *_, g in each],
        block=[[0] * a + [1] * b for a, b in lengths],
        block_rewards=[[c, -((q - c) ** 2)] for c, q, _ in each],
        outcomes=[[0, c] for c, *_ in each],
        dtype=torch.float64,
    )


A = confident(RIGHT)
TWO_PROMPTS = confident(RIGHT, OTHER)


def of_block(rollouts, k, **settings) -> list[float]:
    """The advantage of block k of each sample; the same on each of its tokens."""
    a = catalog.run(bae, rollouts, **settings).advantage
    here = rollouts.block == k
    assert_close(peers.mean(a, (rollouts.sample, rollouts.block)), a)
    return a[here & peers.starts(rollouts.sample * 2 + rollouts.block)].tolist()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0.13, -0.02, -0.11, 0]),
        ({"baseline": "group"}, [0.185, 0.035, -0.055, -0.165]),
        ({"baseline": "none"}, [-0.01, -0.16, -0.25, -0.36]),
        ({"leave_one_out": True}, [0.195, -0.03, -0.165, 0]),
        ({"shrinkage": 1.0}, [0.14375, -0.00625, -0.09625, -0.0825]),
        ({"mistake": "own_outcome"}, [0.13, -0.02, -0.11, 0]),
        ({"mistake": "zero_baseline"}, [0.13, -0.02, -0.11, -0.36]),
        ({"mistake": "second_mean"}, [0.22, 0.07, -0.02, -0.27]),
    ],
    ids=str,
)
def test_a_confidence(settings, expected):
    assert of_block(A, 1, **settings) == pytest.approx(expected)


@pytest.mark.parametrize("baseline", ["ocb", "group", "batch", "none"])
def test_a_solution_is_compared_with_the_whole_group(baseline):
    assert of_block(A, 0, baseline=baseline) == [0.25, 0.25, 0.25, -0.75]


def test_a_solution_compared_within_its_own_outcome_is_never_trained():
    assert of_block(A, 0, mistake="own_outcome") == [0, 0, 0, 0]


def test_a_solution_in_units_of_the_spread():
    got = of_block(A, 0, divide_by_std=True, eps=0.0)
    assert got == pytest.approx([0.57735, 0.57735, 0.57735, -1.732051], abs=1e-6)


def test_a_confidence_compared_within_what_it_says_itself_gets_no_credit_for_it():
    late = torch.tensor([[0, 3], [0, 2], [0, 2], [0, 0]])  # 2 c, and 1 more if q >= 0.8
    got = of_block(dataclasses.replace(A, outcomes=late), 1)
    assert got == pytest.approx([0, 0.045, -0.045, 0])


def test_a_one_reward_for_everything():
    got = catalog.run(dr_grpo, A).advantage[peers.starts(A.sample)].tolist()
    assert got == pytest.approx([0.435, 0.285, 0.195, -0.915])


def test_two_prompts():
    assert of_block(TWO_PROMPTS, 1) == pytest.approx([0.13, -0.02, -0.11, 0, 0.03, 0.06, 0, -0.09])
    batch = of_block(TWO_PROMPTS, 1, baseline="batch")
    assert batch == pytest.approx([0.175, 0.025, -0.065, -0.175, 0.145, 0.175, -0.305, 0.025])
    across = of_block(TWO_PROMPTS, 1, mistake="across_prompts")
    assert across == pytest.approx(
        [0.2175, 0.0675, -0.0225, -0.2175, 0.1025, 0.1325, -0.2625, -0.0175]
    )


def test_b_each_block_has_its_own_outcome():
    b = Rollouts.from_lists(
        tokens=[[1, 1, 1]] * 4,
        rewards=[0] * 4,
        group=[0] * 4,
        block=[[0, 1, 2]] * 4,
        block_rewards=[[1, 1, -0.04], [1, 0.1, -0.25], [0, 1, -0.16], [0, 0, -0.01]],
        outcomes=[[0, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]],
        dtype=torch.float64,
    )
    got = catalog.run(bae, b).advantage.reshape(4, 3).T.tolist()
    ocb = [0.5, 0.5, -0.5, -0.5], [0.45, -0.45, 0.5, -0.5], [0.06, -0.12, -0.06, 0.12]
    for k in range(3):
        assert got[k] == pytest.approx(ocb[k])
    got = catalog.run(bae, b, baseline="group").advantage.reshape(4, 3).T.tolist()
    assert got[1] == pytest.approx([0.475, -0.425, 0.475, -0.525])
    assert got[2] == pytest.approx([0.075, -0.135, -0.045, 0.105])


def test_loss_and_gradient_of_example_a():
    """E: ratios 1.3, 0.7, 1.1, 1.3, the same on every token of a sample."""
    ratio = torch.tensor([1.3, 0.7, 1.1, 1.3], dtype=torch.float64)[A.sample]
    advantage = catalog.run(bae, A).advantage
    c = catalog.run(block_mean, A).double()
    loss = c @ ppo_clip(ratio.log(), torch.zeros_like(ratio), advantage)
    assert loss.item() == pytest.approx(0.0515, abs=1e-7)

    new = torch.zeros_like(ratio, requires_grad=True)
    (c @ ppo_clip(new, torch.zeros_like(ratio), advantage)).backward()
    assert new.grad is not None
    first = -new.grad[peers.starts(A.sample * 2 + A.block)].reshape(4, 2)
    assert first[:, 0].tolist() == pytest.approx([0.010417, 0.015625, 0.0125, -0.023438], abs=1e-6)
    assert first[:, 1].tolist() == pytest.approx([0.01625, -0.001667, -0.01375, 0], abs=1e-6)


@given(rollouts=batches())
def test_a_stratum_sums_to_zero(rollouts):
    credit = catalog.run(bae, rollouts)
    assert credit.peers is not None
    of_block = peers.count((rollouts.sample, credit.peers), credit.advantage)
    sums = peers.total(credit.advantage / of_block, credit.peers)[credit.peers >= 0]
    assert_close(sums, torch.zeros_like(sums), rtol=0, atol=1e-12)


@given(rollouts=batches())
def test_the_group_mean_differs_from_the_stratum_by_the_difference_of_their_means(rollouts):
    ocb, group = (catalog.run(bae, rollouts, baseline=b) for b in ("ocb", "group"))
    assert_close(group.advantage - ocb.advantage, ocb.baseline - group.baseline)


@given(rollouts=batches())
def test_a_baseline_without_the_sample_does_not_move_with_its_reward(rollouts):
    """d A / d r of its own is 1, or 0 where nobody else is left."""
    k = 1
    rewards = rollouts.block_rewards.clone()
    rewards[0, k] += 1
    moved = dataclasses.replace(rollouts, block_rewards=rewards)
    for shrinkage in (0.0, 2.0):
        a, b = (
            catalog.run(bae, r, leave_one_out=True, shrinkage=shrinkage).advantage
            for r in (rollouts, moved)
        )
        mine = (rollouts.sample == 0) & (rollouts.block == k) & rollouts.mask
        step = (b - a)[mine]
        assert torch.all(torch.isclose(step, torch.ones_like(step)) | (a[mine] == 0))


def test_a_block_that_was_not_rewarded_or_not_written_is_left_out():
    r = Rollouts.from_lists(
        tokens=[[1, 1, 1], [1, 1, 1], [1, 1, 1], [1]],
        rewards=[0, 0, 0, 0],
        group=[0, 0, 0, 0],
        block=[[-1, 0, 1], [-1, 0, 1], [0, 0, 1], [0]],
        block_rewards=[[1, 0.5], [0, 1.0], [1, None], [0, 64]],
        outcomes=[[0, 0]] * 4,
    )
    a = catalog.run(bae, r).advantage
    assert a.tolist() == [0, 0.5, -0.25, 0, -0.5, 0.25, 0.5, 0.5, 0, -0.5]


def test_no_blocks_at_all():
    r = dataclasses.replace(A, block=torch.full_like(A.block, -1))
    assert not catalog.run(bae, r).advantage.any()


def bandit(outcome: torch.Tensor, action: torch.Tensor) -> Rollouts:
    """Groups [groups, samples] that say 0.9 (action 1) or 0.5 of a right or wrong answer."""
    groups, samples = outcome.shape
    c, q = outcome.flatten().double(), 0.5 + 0.4 * action.flatten().double()
    number = torch.arange(groups * samples)
    return Rollouts(
        tokens=action.flatten(),
        mask=torch.ones_like(number, dtype=torch.bool),
        sample=number,
        rewards=c - (q - c) ** 2,
        group=number // samples,
        block=torch.ones_like(number),
        block_rewards=torch.stack([c, -((q - c) ** 2)], 1),
        outcomes=torch.stack([torch.zeros_like(number), outcome.flatten()], 1),
    )


def gradients(rollouts: Rollouts, samples: int, **settings) -> torch.Tensor:
    """Of the chance to say 0.9, by its logit at 0, after wrong and right: [groups, 2]."""
    a = catalog.run(bae, rollouts, **settings).advantage * (rollouts.tokens - 0.5)
    right = rollouts.outcomes[:, 1] == 1
    return (
        torch.stack([(a * (right == o)).reshape(-1, samples).sum(1) for o in (0, 1)], 1) / samples
    )


def test_o_the_mean_that_includes_the_sample_shrinks_the_gradient():
    """Over every group of 8: true gradients -0.07 and 0.03, times E[(n - 1)+] / E[n]."""
    every = torch.tensor(list(itertools.product([0, 1], repeat=8)))
    outcome, action = every.repeat_interleave(256, 0), every.repeat(256, 1)
    rollouts, true = bandit(outcome, action), torch.tensor([-0.07, 0.03], dtype=torch.float64)
    for settings, factor in (
        ({"baseline": "none"}, 1.0),
        ({"baseline": "group"}, 7 / 8),
        ({}, 0.7509765625),
        ({"leave_one_out": True}, 1 - 0.5**7),  # nobody to compare with: no gradient
    ):
        assert_close(gradients(rollouts, 8, **settings).mean(0), factor * true)


def test_o_strata_of_16_make_the_gradient_quieter_than_the_group_of_32():
    dice = torch.Generator().manual_seed(3)
    outcome, action = torch.randint(0, 2, (2, 4000, 32), generator=dice)
    rollouts = bandit(outcome, action)
    ocb, group = (gradients(rollouts, 32, baseline=b) for b in ("ocb", "group"))
    for found, mean, std in (
        (ocb, [-0.0656, 0.0281], [0.0137, 0.0059]),
        (group, [-0.0678, 0.0291], [0.0174, 0.0136]),
    ):
        assert found.mean(0).tolist() == pytest.approx(mean, abs=0.001)
        assert found.std(0).tolist() == pytest.approx(std, rel=0.05)


def test_g_within_strata_is_nearest_to_monte_carlo_values():
    """RMSE to the advantage from 32 confidences a prefix; 100 prompts, 32 samples."""
    dice = np.random.default_rng(7)
    easy = dice.beta(1.5, 1.5, size=100)
    c = (dice.random((100, 32)) < easy[:, None]).astype(float)
    drift = dice.normal(0, 0.06, (100, 32))
    said = np.clip(0.15 + 0.55 * easy[:, None] + 0.20 * c + drift, 0.02, 0.98)[..., None]
    q = np.clip(said + dice.normal(0, 0.15, (100, 32, 1)), 0, 1)[..., 0]
    others = np.clip(said + dice.normal(0, 0.15, (100, 32, 32)), 0, 1)
    r = -((q - c) ** 2)
    truth = torch.tensor(r + ((others - c[..., None]) ** 2).mean(-1)).flatten()
    outcome = torch.tensor(c).long()
    rollouts = bandit(outcome, torch.zeros_like(outcome))
    rewards = torch.stack([torch.tensor(c), torch.tensor(r)], -1).reshape(-1, 2)
    rollouts = dataclasses.replace(rollouts, block_rewards=rewards)
    right = outcome.flatten() == 1
    for baseline, expected in (
        ("none", [0.1815, 0.1529, 0.2095]),
        ("batch", [0.1028, 0.0915, 0.1144]),
        ("group", [0.0958, 0.0848, 0.1070]),
        ("ocb", [0.0542, 0.0483, 0.0604]),
    ):
        error = catalog.run(bae, rollouts, baseline=baseline).advantage - truth
        rmse = [x.square().mean().sqrt().item() for x in (error, error[right], error[~right])]
        assert rmse == pytest.approx(expected, abs=5e-5)
