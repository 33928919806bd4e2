"""Every objective and aggregation shared with TRL gives TRL's numbers.

How to get TRL, and to what these are compared: tests/test_reference_trl.py.
"""

import pytest
import torch
import trl_trainer
from batches import batches
from hypothesis import given
from hypothesis import strategies as st
from padded import close

from explorer import catalog
from explorer.ragged import sampled_only

pytestmark = [
    pytest.mark.reference("trl"),
    pytest.mark.slow,
    # TRL calls what transformers is about to rename, and says what is experimental.
    pytest.mark.filterwarnings("ignore:.*activation_checkpointing:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*trl.experimental"),
]

PER_TOKEN = [  # TRL takes advantages of tokens here, as ours does
    ("ppo_clip", {}, "sequence_mean", {}, {"loss_type": "grpo"}),
    ("ppo_clip", {"eps_high": 0.28}, "token_mean", {}, {"loss_type": "bnpo", "epsilon_high": 0.28}),
    ("ppo_clip", {}, "token_mean", {}, {"loss_type": "dapo"}),
    ("ppo_clip", {}, "constant_length", {"length": 512}, {"loss_type": "dr_grpo"}),
    ("ppo_clip", {}, "sequence_sum", {}, {"loss_type": "luspo"}),
    ("ppo_clip", {"dual_clip": True, "c": 1.5}, "sequence_mean", {},
     {"loss_type": "grpo", "delta": 1.5}),
    ("cispo", {"convention": "absolute", "cap": 1.2}, "token_mean", {},
     {"loss_type": "cispo", "epsilon_high": 1.2}),
    ("sapo", {}, "sequence_mean", {}, {"loss_type": "sapo"}),
]  # fmt: skip
PER_COMPLETION = [
    ("gspo", {"eps_low": 0.1, "eps_high": 0.2}, "sequence_mean", "GRPO",
     {"loss_type": "grpo", "importance_sampling_level": "sequence", "epsilon_low": 0.1}),
    ("gmpo", {}, "sequence_mean", "GMPO", {"epsilon_low": 0.4, "epsilon_high": 0.4}),
    ("segment_clip", {}, "sequence_mean", "RLOO", {}),
]  # fmt: skip


def moved(rollouts, seed: int):
    """Sampled tokens only, what the policy says of them after a step, and any advantages."""
    whole = sampled_only(rollouts)
    dice = torch.Generator().manual_seed(seed)
    step, a = torch.randn(2, len(whole.tokens), generator=dice, dtype=torch.float64)
    return whole, (whole.old_logprobs + 0.3 * step).requires_grad_(), a


def ours(name: str, chosen, aggregation: str, of_aggregation, whole, new, a):
    fields = {
        "new_logprobs": new,
        "old_logprobs": whole.old_logprobs,
        "advantage": a,
        "sample": whole.sample,
        "segment": whole.sample,  # RLOO clips the ratio of the whole completion
    }
    objective = catalog.load("objectives", name)
    losses = objective(*(fields[name] for name in catalog.reads(objective)), **chosen)
    weights = catalog.run(catalog.load("aggregations", aggregation), whole, **of_aggregation)
    return (weights * losses).sum()


def close_with_gradient(new, *losses):
    close(*losses)
    close(*(torch.autograd.grad(loss, new)[0] for loss in losses))


@pytest.mark.parametrize(("mine", "chosen", "over", "of_over", "settings"), PER_TOKEN)
@given(rollouts=batches(), seed=st.integers(0, 99))
def test_objectives_of_tokens(mine, chosen, over, of_over, settings, rollouts, seed):
    whole, new, a = moved(rollouts, seed)
    theirs = trl_trainer.loss("GRPO", whole, new, a, **settings)
    close_with_gradient(new, ours(mine, chosen, over, of_over, whole, new, a), theirs)


@pytest.mark.parametrize(("mine", "chosen", "over", "trainer", "settings"), PER_COMPLETION)
@given(rollouts=batches(), seed=st.integers(0, 99))
def test_objectives_of_completions(mine, chosen, over, trainer, settings, rollouts, seed):
    whole, new, a = moved(rollouts, seed)
    of_sample = a[: len(whole.rewards)]
    theirs = trl_trainer.loss(trainer, whole, new, of_sample, **settings)
    close_with_gradient(
        new, ours(mine, chosen, over, {}, whole, new, of_sample[whole.sample]), theirs
    )


@given(rollouts=batches(), seed=st.integers(0, 99))
def test_the_penalty_is_k3(rollouts, seed):
    whole, new, _ = moved(rollouts, seed)
    k3 = catalog.load("objectives", "kl")(new, whole.ref_logprobs)
    close_with_gradient(new, k3.mean(), penalty(whole, new, use_bias_correction_kl=False))


def penalty(whole, new, **settings):
    nothing = torch.zeros_like(new)
    return trl_trainer.loss("GRPO", whole, new, nothing, loss_type="bnpo", beta=1.0, **settings)


# Where TRL departs.


@given(rollouts=batches(), seed=st.integers(0, 99))
def test_gspo_of_trl_gives_every_token_the_mean_advantage_of_its_completion(rollouts, seed):
    """Handed advantages of tokens, it has no token form: the gradient reaches all through s_i."""
    whole, new, a = moved(rollouts, seed)
    wide = {"epsilon_low": 1.0, "epsilon_high": 1e3, "loss_type": "grpo"}
    theirs = trl_trainer.loss("GRPO", whole, new, a, importance_sampling_level="sequence", **wide)
    n = len(whole.rewards)
    total = torch.zeros(n, dtype=torch.float64).index_add_(0, whole.sample, a)
    mean = (total / torch.bincount(whole.sample, minlength=n))[whole.sample]
    free = {"eps_low": 1.0, "eps_high": 1e3}
    close_with_gradient(new, ours("gspo", free, "sequence_mean", {}, whole, new, mean), theirs)


@given(rollouts=batches(), seed=st.integers(0, 99))
def test_cispo_of_trl_reads_its_default_bound_as_a_cap(rollouts, seed):
    """epsilon_high 0.2 is 1.2 in PPO's clip, but lets no token weigh more than 0.2 here."""
    whole, new, a = moved(rollouts, seed)
    theirs = trl_trainer.loss("GRPO", whole, new, a, loss_type="cispo")
    capped = {"convention": "absolute", "cap": 0.2}
    close_with_gradient(new, ours("cispo", capped, "token_mean", {}, whole, new, a), theirs)


@given(rollouts=batches(), seed=st.integers(0, 99))
def test_a_delta_of_trl_below_the_clip_caps_gains_too(rollouts, seed):
    """A bound of the ratio whatever the advantage, where the dual clip holds of punished tokens."""
    whole, new, a = moved(rollouts, seed)
    settings = {"loss_type": "grpo", "epsilon_high": 0.5}
    theirs = trl_trainer.loss("GRPO", whole, new, a.abs(), delta=1.1, **settings)
    mine = ours("ppo_clip", {"eps_high": 0.1}, "sequence_mean", {}, whole, new, a.abs())
    close_with_gradient(new, mine, theirs)


@given(rollouts=batches())
def test_trl_weighs_k3_by_the_ratio_unless_told_otherwise(rollouts):
    """So that at the old policy its gradient is that of the KL itself, which is k2's."""
    whole, _, _ = moved(rollouts, 0)
    new = whole.old_logprobs.clone().requires_grad_()
    mine = catalog.load("objectives", "kl")(new, whole.ref_logprobs, estimator="k2").mean()
    close(*(torch.autograd.grad(x, new)[0] for x in (mine, penalty(whole, new))))
