"""The gradient of a batch: what it is, whatever it is cut into."""

import dataclasses

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import catalog, learn
from explorer.aggregations.sequence_mean import sequence_mean
from explorer.objectives.ppo_clip import ppo_clip
from explorer.objectives.reinforce import reinforce
from explorer.policy import measure, score


def batch(policy, **changes):
    rollouts = tiny.rollouts(policy, groups=4, samples=3)
    draw = torch.Generator().manual_seed(1)
    advantage = torch.randn(len(rollouts.tokens), generator=draw)
    return dataclasses.replace(rollouts, **({"logged_advantages": advantage} | changes))


def gradient(policy, rollouts, loss, micro=10_000):
    policy.model.zero_grad()
    coefficients = catalog.run(sequence_mean, rollouts)
    value = learn.backward(policy, rollouts, coefficients, loss, temperature=1.0, micro=micro)
    flat = [p.grad.flatten().clone() for p in policy.model.parameters()]
    return value, torch.cat(flat)


def test_it_is_that_of_the_weighted_log_probabilities():
    policy = tiny.policy()
    rollouts = batch(policy)
    value, found = gradient(policy, rollouts, learn.loss_of(reinforce, {}))
    policy.model.zero_grad()
    lengths = torch.bincount(rollouts.sample)[rollouts.sample]
    weight = rollouts.logged_advantages / (12 * lengths)
    expected = -(weight * score(policy, rollouts).logprobs).sum()
    expected.backward()
    assert_close(value, expected.item())
    assert_close(found, torch.cat([p.grad.flatten() for p in policy.model.parameters()]))


@pytest.mark.parametrize("micro", [1, 40, 60])
def test_parts_add_up_to_the_whole(micro):
    policy = tiny.policy()
    rollouts = batch(policy)
    loss = learn.loss_of(ppo_clip, {})
    assert len(list(learn.parts(rollouts, micro))) > 1
    value, found = gradient(policy, rollouts, loss, micro)
    whole_value, whole = gradient(policy, rollouts, loss)
    assert_close(value, whole_value)
    assert_close(found, whole, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("micro", [1, 40, 10_000])
def test_parts_are_whole_prompts_and_cover_all(micro):
    rollouts = tiny.rollouts(tiny.policy(), groups=5, samples=3)
    parts = torch.stack(list(learn.parts(rollouts, micro)))
    assert (parts.sum(0) == 1).all()
    for keep in parts:
        inside = torch.unique(rollouts.group[keep])
        assert bool(torch.isin(rollouts.group, inside).eq(keep).all())


def test_the_first_pass_measures_and_learns():
    policy = tiny.policy()
    rollouts = batch(policy)
    measured, scores = learn.forward(policy, rollouts, temperature=0.7, micro=10_000)
    assert scores is not None
    assert scores.logprobs.requires_grad
    again = measure(policy, rollouts, temperature=0.7)
    for name in ("old_logprobs", "entropy", "sum_pi_sq"):
        assert_close(getattr(measured, name), getattr(again, name))
    in_parts, none = learn.forward(policy, rollouts, temperature=0.7, micro=1)
    assert none is None
    assert_close(in_parts.old_logprobs, again.old_logprobs)


def test_tokens_that_were_not_sampled_move_nothing():
    policy = tiny.policy()
    rollouts = batch(policy, mask=torch.arange(len(batch(policy).tokens)) % 3 > 0)
    loss = learn.loss_of(reinforce, {})
    louder = rollouts.logged_advantages.where(rollouts.mask, 1e6)
    other = dataclasses.replace(rollouts, logged_advantages=louder)
    assert_close(gradient(policy, other, loss), gradient(policy, rollouts, loss))


def test_no_distance_no_pull():
    policy = tiny.policy()
    rollouts = batch(policy)
    rollouts = dataclasses.replace(rollouts, ref_logprobs=rollouts.old_logprobs)
    plain = gradient(policy, rollouts, learn.loss_of(reinforce, {}))
    assert_close(gradient(policy, rollouts, learn.loss_of(reinforce, {}, kl=1.0)), plain)


def test_the_pull_is_towards_the_reference():
    policy = tiny.policy()
    rollouts = batch(policy)
    nothing = torch.zeros(len(rollouts.tokens))
    far = dataclasses.replace(
        rollouts, ref_logprobs=rollouts.old_logprobs + 0.5, logged_advantages=nothing
    )
    _, found = gradient(policy, far, learn.loss_of(reinforce, {}, kl=1.0))
    with torch.no_grad():
        for p, g in zip(
            policy.model.parameters(),
            found.split([p.numel() for p in policy.model.parameters()]),
            strict=True,
        ):
            p -= 0.1 * g.view_as(p)
    assert score(policy, rollouts).logprobs.mean() > rollouts.old_logprobs.mean()


def test_what_an_objective_lacks_is_named():
    rollouts = batch(tiny.policy())
    with pytest.raises(catalog.NotMeasured, match="kl reads 'ref_logprobs'"):
        gradient(tiny.policy(), rollouts, learn.loss_of(reinforce, {}, kl=1.0))


def test_a_loss_that_is_not_finite_leaves_the_policy_as_it_was():
    policy = tiny.policy()
    rollouts = batch(policy)
    broken = dataclasses.replace(rollouts, logged_advantages=rollouts.old_logprobs * torch.inf)
    before = [p.detach().clone() for p in policy.model.parameters()]
    with pytest.raises(ValueError, match="lower the learning rate"):
        learn.update(
            policy,
            torch.optim.AdamW(policy.model.parameters()),
            broken,
            torch.ones(len(broken.tokens)),
            learn.loss_of(reinforce, {}),
            scores=None,
            updates=1,
            max_grad_norm=1.0,
            temperature=1.0,
            micro=10_000,
        )
    assert_close([p.detach() for p in policy.model.parameters()], before)
