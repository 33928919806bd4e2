"""Where one estimator is another in disguise."""

import dataclasses

import pytest
import torch
from batches import batches, each
from hypothesis import given
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.types import Rollouts

IS_GRPO = [  # what makes a variant of GRPO plain GRPO again
    ("laser", {"tau": 0.0}),
    ("icpo_style", {"lam": 0.0}),
    ("ktae", {"h1": 0.0, "h2": 0.0}),
    ("oar", {"beta": 0.0, "floor": 1.0}),
]


def advantage(name: str, rollouts: Rollouts, **settings):
    return catalog.run(catalog.load("estimators", name), rollouts, **settings).advantage


@pytest.mark.parametrize(("name", "settings"), IS_GRPO, ids=[name for name, _ in IS_GRPO])
@given(rollouts=batches())
def test_a_variant_without_its_own_term_is_grpo(name, settings, rollouts):
    assert_close(advantage(name, rollouts, **settings), advantage("grpo", rollouts))


@given(rollouts=batches())
def test_grpo_without_the_spread_is_dr_grpo(rollouts):
    assert_close(advantage("grpo", rollouts, divide_by_std=False), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_rloo_is_dr_grpo_stretched_by_the_group(rollouts):
    n = peers.count(rollouts.group, rollouts.rewards)[rollouts.sample]
    assert_close((n - 1) * advantage("rloo", rollouts), n * advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_max_rl_is_dr_grpo_over_the_groups_mean(rollouts):
    mean = peers.mean(rollouts.rewards, rollouts.group)[rollouts.sample]
    assert_close(mean * advantage("max_rl", rollouts), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_ha_dw_is_grpo_where_the_group_is_as_hard_as_expected(rollouts):
    mean = peers.mean(rollouts.rewards, rollouts.group)
    expected = dataclasses.replace(rollouts, anchor=mean)
    assert_close(advantage("ha_dw", expected, lam=1.0), advantage("grpo", rollouts))


@given(rollouts=batches())
def test_gigpo_without_steps_is_dr_grpo_or_grpo(rollouts):
    assert_close(advantage("gigpo", rollouts, omega=0.0), advantage("dr_grpo", rollouts))
    a = advantage("gigpo", rollouts, omega=0.0, divide_by_std=True)
    assert_close(a, advantage("grpo", rollouts))


@given(rollouts=batches())
def test_opo_with_samples_of_one_length_is_dr_grpo(rollouts):
    one = dataclasses.replace(rollouts, mask=peers.starts(rollouts.sample))
    assert_close(advantage("opo", one), advantage("dr_grpo", one))


@given(rollouts=batches())
def test_otb_with_tokens_of_one_weight_is_the_mean_of_those_still_running(rollouts):
    sure = each(rollouts, torch.zeros_like, ("old_logprobs",))
    equal = dataclasses.replace(sure, sum_pi_sq=torch.full_like(sure.values, 1.5))
    credit = catalog.run(catalog.load("estimators", "otb"), equal, zero_tail=False)
    mask, sample = rollouts.mask, rollouts.sample[rollouts.mask]
    here = (rollouts.group[sample], peers.position(sample))
    assert_close(credit.baseline[mask], peers.mean(rollouts.rewards[sample], here))


@given(rollouts=batches())
def test_gpg_with_every_group_informative_is_dr_grpo(rollouts):
    several = peers.count(rollouts.group, rollouts.rewards) > 1
    differ = dataclasses.replace(rollouts, rewards=torch.arange(len(several)).double())
    groups = rollouts.group.unique().numel()
    informative = rollouts.group[several].unique().numel()
    expected = advantage("dr_grpo", differ) * groups / max(informative, 1)
    assert_close(advantage("gpg", differ), expected)


@given(rollouts=batches())
def test_remax_against_the_group_mean_is_dr_grpo(rollouts):
    mean = peers.mean(rollouts.rewards, rollouts.group)
    greedy = dataclasses.replace(rollouts, greedy_reward=mean)
    assert_close(advantage("remax", greedy), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_rlcr_where_confidence_earns_nothing_is_dr_grpo(rollouts):
    r = rollouts.rewards
    silent = dataclasses.replace(rollouts, block_rewards=torch.stack([r, 0 * r], 1))
    assert_close(advantage("rlcr", silent), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_reinforce_pp_of_one_prompt_needs_no_baseline(rollouts):
    one = each(rollouts, torch.zeros_like, ("group",))
    several = len(one.rewards) > 1
    expected = advantage("reinforce_pp", one) * several
    assert_close(advantage("reinforce_pp_baseline", one), expected, rtol=1e-6, atol=1e-6)


@given(rollouts=batches())
def test_gae_at_lambda_1_is_the_reward_minus_the_value(rollouts):
    expected = (rollouts.rewards[rollouts.sample] - rollouts.values) * rollouts.mask
    assert_close(advantage("gae", rollouts, lam=1.0), expected)


@given(rollouts=batches())
def test_gae_at_lambda_0_is_the_next_value_minus_this(rollouts):
    whole = each(rollouts, torch.ones_like, ("mask",))
    last = peers.ends(rollouts.sample)
    ahead = torch.where(last, rollouts.rewards[rollouts.sample], rollouts.values.roll(-1))
    assert_close(advantage("gae", whole, lam=0.0), ahead - rollouts.values)


@given(rollouts=batches())
def test_gae_with_the_group_mean_as_critic_is_dr_grpo_at_lambda_1(rollouts):
    mean = peers.mean(rollouts.rewards, rollouts.group)[rollouts.sample]
    critic = dataclasses.replace(rollouts, values=mean)
    assert_close(advantage("gae", critic, lam=1.0), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_a_predictor_is_a_critic(rollouts):
    v = rollouts.values
    same = dataclasses.replace(rollouts, zip_values=v, mc_values=v)
    assert_close(advantage("zip_rc", same), advantage("gae", same, lam=1.0))
    gain = advantage("gae", same, lam=0.0)
    assert_close(advantage("zip_rc", same, form="gain"), gain)
    assert_close(advantage("true_advantage", same), gain)


@given(rollouts=batches())
def test_spo_chain_with_step_cutpoints_and_no_mask_is_vine_ppo(rollouts):
    a = catalog.run(
        catalog.load("estimators", "spo_chain"), rollouts, segmenter="steps", mask=False
    ).advantage
    assert_close(a, advantage("vine", rollouts))


@given(rollouts=batches())
def test_bae_with_one_block_is_dr_grpo(rollouts):
    one = dataclasses.replace(
        rollouts,
        block=torch.zeros_like(rollouts.block),
        block_rewards=rollouts.rewards[:, None],
        outcomes=rollouts.outcomes[:, :1],
    )
    assert_close(advantage("bae", one), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_gdpo_of_one_reward_is_grpo_whitened_over_the_batch(rollouts):
    one = dataclasses.replace(rollouts, reward_parts=rollouts.rewards[:, None])
    a = advantage("grpo", rollouts)
    center, unit = peers.whitening(a[rollouts.mask])
    several = peers.count(rollouts.group, rollouts.rewards)[rollouts.sample] > 1
    expected = ((a - center) / unit) * (several & rollouts.mask)
    assert_close(advantage("gdpo", one), expected)


@given(rollouts=batches())
def test_grpo_passk_of_two_is_twice_dr_grpo_where_that_is_positive(rollouts):
    two = peers.count(rollouts.group, rollouts.rewards)[rollouts.sample] == 2
    a = advantage("grpo_passk", rollouts, divide_by_std=False)
    assert_close(a[two], 2 * advantage("dr_grpo", rollouts).clamp(min=0)[two])


@given(rollouts=batches())
def test_nce_style_with_a_single_right_answer_is_dr_grpo(rollouts):
    first = torch.zeros_like(rollouts.rewards)
    first[[rollouts.group.tolist().index(g) for g in set(rollouts.group.tolist())]] = 1.0
    one = dataclasses.replace(rollouts, rewards=first)
    assert_close(advantage("nce_style", one), advantage("dr_grpo", one))


@given(rollouts=batches())
def test_rae_that_expects_the_group_mean_is_dr_grpo(rollouts):
    mean = peers.mean(rollouts.rewards, rollouts.group)
    expecting = dataclasses.replace(rollouts, anchor=mean)
    assert_close(advantage("rae", expecting), advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_tree_rl_on_a_tree_of_one_level_is_dr_grpo_twice(rollouts):
    """Root and parent are one, and so are its two gains."""
    roots = int(rollouts.group.max()) + 1
    nothing = torch.full((roots,), torch.nan, dtype=torch.float64)
    flat = dataclasses.replace(
        rollouts,
        node=roots + rollouts.sample,
        parent=torch.cat([torch.full((roots,), -1), rollouts.group]),
        node_rewards=torch.cat([nothing, rollouts.rewards]),
    )
    assert_close(advantage("tree_rl", flat), 2 * advantage("dr_grpo", rollouts))


@given(rollouts=batches())
def test_what_grpo_wrote_into_the_log_is_grpo(rollouts):
    written = dataclasses.replace(rollouts, logged_advantages=advantage("grpo", rollouts))
    assert_close(advantage("logged", written), advantage("grpo", rollouts))
