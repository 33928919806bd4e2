"""Every estimator shared with verl gives verl's numbers.

Checked with verl 0.9.1, whose requirements (transformers below 5.11) exclude this project's. What
these functions need of them goes beside:

    .venv/bin/uv pip install --no-deps verl==0.9.1 tensordict==0.10.0 ray msgpack pyvers \\
        cloudpickle omegaconf codetiming orjson

In float64 and to 1e-6: verl adds 1e-8 to denominators. Where it departs, the tests at the end say
how, so that a version that mends it is noticed.
"""

import dataclasses

import pytest
import torch
from batches import batches
from hypothesis import assume, given
from hypothesis import strategies as st
from padded import close, padded
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.ragged import sampled_only, select
from explorer.types import Rollouts

pytestmark = [pytest.mark.reference("verl"), pytest.mark.slow]

DIFFERS = 1e-6  # spread of a batch below which verl's 1e-8 shows


def compared(rollouts: Rollouts) -> Rollouts:
    """The batch without groups of one, which verl credits with their reward."""
    several = peers.count(rollouts.group, rollouts.rewards) > 1
    assume(bool(several.any()))
    return select(rollouts, several)


def advantage(verl, name: str, rollouts: Rollouts, **arguments):
    """What verl's estimator gives each token of the batch."""
    layout = padded(rollouts)
    estimator = verl.algos.get_adv_estimator_fn(name)
    given = {"token_level_rewards": layout.at_end(rollouts.rewards), "response_mask": layout.mask}
    result, _ = estimator(**given | arguments)
    return layout.flat(result * layout.mask)


def index(rollouts: Rollouts):
    return rollouts.group.numpy().astype(object)


def ours(name: str, rollouts: Rollouts, **chosen):
    return catalog.run(catalog.load("estimators", name), rollouts, **chosen).advantage


@pytest.mark.parametrize(
    ("mine", "theirs", "chosen", "arguments"),
    [
        ("grpo", "grpo", {}, {}),
        ("dr_grpo", "grpo", {}, {"norm_adv_by_std_in_grpo": False}),
        ("rloo", "rloo", {}, {}),
        ("rloo", "rloo_vectorized", {}, {}),
        ("opo", "opo", {}, {}),
        ("gpg", "gpg", {"counts": "rewards"}, {}),
        ("grpo_passk", "grpo_passk", {}, {"config": {}}),
        (
            "grpo_passk",
            "grpo_passk",
            {"divide_by_std": False},
            {"config": {"norm_adv_by_std_in_grpo": False}},
        ),
    ],
)
@given(rollouts=batches())
def test_estimators_that_compare_within_the_group(verl, mine, theirs, chosen, arguments, rollouts):
    rollouts = compared(rollouts)
    expected = advantage(verl, theirs, rollouts, index=index(rollouts), **arguments)
    close(ours(mine, rollouts, **chosen), expected)


@given(rollouts=batches())
def test_grpo_vectorized_in_float32(verl, rollouts):
    """Means and spreads are float32 whatever comes in, so these rewards are exact in it."""
    rollouts = compared(rollouts)
    exact = dataclasses.replace(rollouts, rewards=(4 * rollouts.rewards).round() / 4)
    expected = advantage(verl, "grpo_vectorized", exact, index=index(exact))
    close(ours("grpo", exact), expected, 1e-5)


@given(rollouts=batches())
def test_reinforce_pp_baseline(verl, rollouts):
    rollouts = compared(rollouts)
    assume(_spread(ours("dr_grpo", rollouts)[rollouts.mask]))
    theirs = advantage(verl, "reinforce_plus_plus_baseline", rollouts, index=index(rollouts))
    close(ours("reinforce_pp_baseline", rollouts), theirs)


@given(rollouts=batches(), gamma=st.sampled_from([1.0, 0.9]))
def test_reinforce_pp(verl, rollouts, gamma):
    assume(_spread(rollouts.rewards[rollouts.sample][rollouts.mask]))
    config = verl.algorithm(gamma=gamma)
    theirs = advantage(verl, "reinforce_plus_plus", rollouts, config=config)
    close(ours("reinforce_pp", rollouts, gamma=gamma), theirs)


@given(rollouts=batches())
def test_remax(verl, rollouts):
    theirs = advantage(verl, "remax", rollouts, reward_baselines=rollouts.greedy_reward)
    close(ours("remax", rollouts), theirs)


@given(rollouts=batches(), gamma=st.sampled_from([1.0, 0.9]), lam=st.sampled_from([1.0, 0.95, 0.0]))
def test_gae_and_its_returns(verl, rollouts, gamma, lam):
    layout = padded(rollouts)
    assume(int(rollouts.mask.sum()) > 1)
    advantages, returns = verl.algos.compute_gae_advantage_return(
        layout.at_end(rollouts.rewards), layout.pad(rollouts.values), layout.mask, gamma, lam
    )
    credit = catalog.run(catalog.load("estimators", "gae"), rollouts, gamma=gamma, lam=lam)
    close(credit.target, layout.flat(returns * layout.mask))
    whitened = ours("gae", rollouts, gamma=gamma, lam=lam, whiten=True)
    assume(_spread(credit.advantage[rollouts.mask]))
    close(whitened, layout.flat(advantages * layout.mask))


@given(rollouts=batches())
def test_gdpo_in_float32(verl, rollouts):
    """The parts pass through float32 in verl."""
    rollouts = compared(rollouts)
    layout = padded(rollouts)
    parts = rollouts.reward_parts
    names = [f"part {k}" for k in range(parts.shape[1])]
    seen = torch.cat([torch.ones(len(parts), 1), torch.ones_like(layout.mask)], 1)
    theirs = advantage(
        verl,
        "gdpo",
        rollouts,
        index=index(rollouts),
        config={"gdpo_reward_keys": names},
        non_tensor_batch=dict(zip(names, parts.T.numpy(), strict=True)),
        batch={"prompts": torch.ones(len(parts), 1), "attention_mask": seen.long()},
    )
    assume(_spread(theirs[rollouts.mask]))
    close(ours("gdpo", rollouts), theirs, 1e-5)


@given(rollouts=batches(), zero_tail=st.booleans())
def test_otb_without_holes(verl, rollouts, zero_tail):
    rollouts = compared(rollouts)
    whole = sampled_only(rollouts)
    layout = padded(whole)
    theirs = advantage(
        verl,
        "optimal_token_baseline",
        whole,
        index=index(whole),
        old_log_probs=layout.pad(whole.old_logprobs),
        sum_pi_squared=layout.pad(whole.sum_pi_sq),
        handle_zero_tail=zero_tail,
    )
    close(ours("otb", whole, zero_tail=zero_tail), theirs)


# Where verl departs.


def test_verl_credits_a_group_of_one_with_its_reward_but_not_in_rloo_vectorized(verl):
    alone = Rollouts.from_lists(tokens=[[1, 2]], rewards=[1.0], group=[0], dtype=torch.float64)
    names = ["grpo", "grpo_vectorized", "rloo", "rloo_vectorized", "opo", "gpg"]
    got = {name: advantage(verl, name, alone, index=index(alone))[0].item() for name in names}
    assert_close(got, dict.fromkeys(names, 1.0) | {"rloo_vectorized": 0.0}, rtol=0, atol=2e-6)
    assert not ours("grpo", alone).any()


def test_verl_blows_up_the_rounding_of_equal_rewards(verl):
    """A mean of equal float32 rewards that is one digit off, in units of 1e-6."""
    same = Rollouts.from_lists(tokens=[[1]] * 7, rewards=[0.7] * 7, group=[0] * 7)
    theirs = advantage(verl, "grpo", same, index=index(same))
    assert 0.01 < theirs.abs().max() < 0.1
    assert not ours("grpo", same).any()


def test_otb_of_verl_counts_columns_where_holes_are(verl):
    """Its columns are places in the array, tool output included; ours count sampled tokens."""
    numbers = {"old_logprobs": [[-1.0] * 3, [-1.0] * 2], "sum_pi_sq": [[0.5] * 3, [0.5] * 2]}
    holes = Rollouts.from_lists(
        tokens=[[1, 2, 3], [1, 2]],
        rewards=[1.0, 0.0],
        group=[0, 0],
        mask=[[True, False, True], [True, True]],
        dtype=torch.float64,
        **numbers,
    )
    layout = padded(holes)
    theirs = advantage(
        verl,
        "optimal_token_baseline",
        holes,
        index=index(holes),
        old_log_probs=layout.pad(holes.old_logprobs),
        sum_pi_squared=layout.pad(holes.sum_pi_sq),
    )
    expected = torch.tensor([0.5, 0.0, 0.5, -0.5, -0.5], dtype=torch.float64)
    close(ours("otb", holes), expected)
    close(theirs[2:], torch.tensor([0.0, -0.5, 0.0], dtype=torch.float64))


def _spread(x) -> bool:
    return len(x) > 1 and float(x.var()) > DIFFERS
