"""Every objective and aggregation shared with verl gives verl's numbers.

How to get verl, and to what these are compared: tests/test_references.py.
"""

import pytest
import torch
from batches import batches
from hypothesis import given
from hypothesis import strategies as st
from padded import close, padded

from explorer import catalog
from explorer.ragged import sampled_only

pytestmark = [pytest.mark.reference("verl"), pytest.mark.slow]

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
    ("dro", "dro", {"beta": 0.1}, {"policy_loss": {"dro_beta": 0.1}}),
    ("kl_cov", "kl_cov", {"share": 0.3},
     {"policy_loss": {"kl_cov_ratio": 0.3, "ppo_kl_coef": 1.0}}),
    # All between the bounds sit out: which of them, if not all, each draws with dice of its own.
    ("clip_cov", "clip_cov", {"share": 1.0, "low": 0.1, "high": 1.0},
     {"policy_loss": {"clip_cov_ratio": 1.0, "clip_cov_lb": 0.1, "clip_cov_ub": 1.0}}),
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
