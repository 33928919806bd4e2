"""Every formula shared with verl gives verl's numbers: estimators, objectives, aggregations.

Checked with verl 0.9.1, whose requirements (transformers below 5.11) exclude this project's. What
these functions need of them goes beside:

    .venv/bin/uv pip install --no-deps verl==0.9.1 tensordict==0.10.0 ray msgpack pyvers \\
        cloudpickle omegaconf codetiming orjson

In float64 and to 1e-6: verl adds 1e-8 to denominators. Where it departs, the tests at the end say
how, so that a version that mends it is noticed.
"""

import dataclasses
from types import SimpleNamespace

import pytest
import torch
from batches import batches
from hypothesis import assume, given
from hypothesis import strategies as st
from padded import padded
from torch.testing import assert_close

from explorer import catalog, peers
from explorer.ragged import sampled_only, select
from explorer.types import Rollouts

pytestmark = [pytest.mark.reference, pytest.mark.slow]

DIFFERS = 1e-6  # spread of a batch below which verl's 1e-8 shows


@pytest.fixture(scope="module")
def verl():
    """verl's algorithms, which do nothing but tensor arithmetic."""
    from verl.trainer.config import AlgoConfig
    from verl.trainer.ppo import core_algos
    from verl.workers.config import ActorConfig

    def actor(**chosen):
        return ActorConfig(strategy="fsdp", rollout_n=1, ppo_micro_batch_size_per_gpu=1, **chosen)

    return SimpleNamespace(algos=core_algos, algorithm=AlgoConfig, actor=actor)


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


def close(actual, expected, tolerance: float = 1e-6):
    assert_close(actual, expected, rtol=tolerance, atol=tolerance, check_dtype=False)


@pytest.mark.parametrize(
    ("mine", "theirs", "chosen", "arguments"),
    [
        ("grpo", "grpo", {}, {}),
        ("dr_grpo", "grpo", {}, {"norm_adv_by_std_in_grpo": False}),
        ("rloo", "rloo", {}, {}),
        ("rloo", "rloo_vectorized", {}, {}),
        ("opo", "opo", {}, {}),
        ("gpg", "gpg", {"counts": "rewards"}, {}),
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


OBJECTIVES = [
    ("ppo_clip", "vanilla", {"dual_clip": True}, {}),
    ("ppo_clip", "vanilla", {"dual_clip": True, "eps_high": 0.28}, {"clip_ratio_high": 0.28}),
    ("gspo", "gspo", {}, {"clip_ratio_low": 3e-4, "clip_ratio_high": 4e-4}),
    ("cispo", "cispo", {"eps_low": 0.2}, {}),
    ("sapo", "sapo", {}, {}),
    ("gmpo", "geo_mean", {}, {"clip_ratio_low": 0.4, "clip_ratio_high": 0.4}),
    ("dppo", "dppo_tv", {"c": 3.0}, {"clip_ratio_low": 0.15, "clip_ratio_high": 0.15}),
    ("dppo", "dppo_kl", {"c": 3.0, "divergence": "kl"},
     {"clip_ratio_low": 0.05, "clip_ratio_high": 0.05}),
    ("reinforce", "gpg", {}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("mine", "theirs", "chosen", "config"), OBJECTIVES)
@given(rollouts=batches(), seed=st.integers(0, 99))
def test_objectives_and_their_gradients(verl, mine, theirs, chosen, config, rollouts, seed):
    """As means over completions of means over tokens, which all of verl's can be told in."""
    whole = sampled_only(rollouts)
    layout = padded(whole)
    dice = torch.Generator().manual_seed(seed)
    tokens = len(whole.tokens)
    moved = torch.randn(tokens, generator=dice, dtype=torch.float64)
    new = (whole.old_logprobs + 0.3 * moved).clamp(max=-1e-3).requires_grad_()
    a = torch.randn(tokens, generator=dice, dtype=torch.float64)
    fields = {
        "new_logprobs": new, "old_logprobs": whole.old_logprobs, "advantage": a,
        "logprobs": whole.old_logprobs, "sample": whole.sample,
    }  # fmt: skip
    objective = catalog.load("objectives", mine)
    names = catalog.reads(objective)
    losses = objective(*(fields[name] for name in names), **chosen)
    weights = catalog.run(catalog.load("aggregations", "sequence_mean"), whole)
    loss = (weights * losses).sum()
    reference, _ = verl.algos.get_policy_loss_fn(theirs)(
        layout.pad(whole.old_logprobs),
        layout.pad(new),
        layout.pad(a),
        layout.mask,
        "seq-mean-token-mean",
        verl.actor(**config),
    )
    close(loss, reference)
    close(*(torch.autograd.grad(x, new)[0] for x in (loss, reference)))


@pytest.mark.parametrize("estimator", ["k1", "k2", "k3"])
@given(rollouts=batches())
def test_kl_and_its_gradient(verl, estimator, rollouts):
    new = rollouts.old_logprobs.clone().requires_grad_()
    reference = new.detach() + (rollouts.ref_logprobs - new.detach()).clamp(-2, 2)
    mine = catalog.load("objectives", "kl")(new, reference, estimator=estimator)
    theirs = verl.algos.kl_penalty(new, reference, estimator)
    close(mine, theirs)
    close(*(torch.autograd.grad(x.sum(), new)[0] for x in (mine, theirs)))


@pytest.mark.parametrize(
    ("mine", "theirs", "chosen"),
    [
        ("token_mean", "token-mean", {}),
        ("token_sum", "token-sum", {}),
        ("sequence_sum", "seq-mean-token-sum", {}),
        ("sequence_mean", "seq-mean-token-mean", {}),
        ("constant_length", "seq-mean-token-sum-norm", {"length": 64}),
    ],
)
@given(rollouts=batches())
def test_aggregations(verl, mine, theirs, chosen, rollouts):
    layout = padded(rollouts)
    losses = rollouts.logged_advantages
    weights = catalog.run(catalog.load("aggregations", mine), rollouts, **chosen)
    scale = {"loss_scale_factor": chosen["length"]} if chosen else {}
    expected = verl.algos.agg_loss(layout.pad(losses), layout.mask, theirs, **scale)
    close((weights * losses).sum(), expected)


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


def test_k3_of_verl_stops_at_ten(verl):
    new, reference = torch.tensor([-5.0]), torch.tensor([-0.5])
    assert verl.algos.kl_penalty(new, reference, "k3").item() == 10
    assert catalog.load("objectives", "kl")(new, reference).item() > 80


def test_gspo_of_verl_loses_the_gradient_beyond_its_cap(verl):
    """A punished completion that became e^10 times likelier is let go; ours is still punished."""
    old, new = torch.tensor([-12.0]), torch.tensor([-1.0], requires_grad=True)
    sample, a = torch.zeros(1, dtype=torch.int64), -torch.ones(1)
    mine = catalog.load("objectives", "gspo")(new, old, a, sample).sum()
    theirs, _ = verl.algos.get_policy_loss_fn("gspo")(
        *(x[None] for x in (old, new, a, torch.ones(1))), "token-mean", verl.actor()
    )
    gradients = [torch.autograd.grad(loss, new)[0].item() for loss in (mine, theirs)]
    assert gradients[0] > 20_000
    assert gradients[1] == 0


def _spread(x) -> bool:
    return len(x) > 1 and float(x.var()) > DIFFERS
