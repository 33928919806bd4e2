"""Exact and logit tiers against gradients taken one completion at a time."""

import dataclasses
import math

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import catalog, gradients, scores, sketch
from explorer.directions import adam_metric
from explorer.estimators.grpo import grpo
from explorer.policy import score
from explorer.types import Credit, Rollouts

POLICY = tiny.policy()
BATCH = tiny.rollouts(POLICY)
MEAN = torch.full(BATCH.tokens.shape, 1 / 12)


def credit(advantage: torch.Tensor) -> Credit:
    return Credit(target=advantage, baseline=torch.zeros_like(advantage))


def test_the_groups_gradients_have_the_batch_gradient_as_mean():
    given = catalog.run(grpo, BATCH)
    weights = gradients.pushes(BATCH, {"grpo": given}, MEAN)
    rows = gradients.group_gradients(POLICY, BATCH, weights)["grpo"]
    objective = (MEAN * given.advantage * score(POLICY, BATCH).logprobs).sum()
    whole = torch.autograd.grad(objective, list(POLICY.model.parameters()))
    for row, gradient in zip(rows, whole, strict=True):
        assert_close(row.mean(0), gradient.flatten(), atol=1e-6, rtol=1e-5)


def test_several_estimators_share_the_forward_pass_and_nothing_else():
    a, b = catalog.run(grpo, BATCH), catalog.run(grpo, BATCH, divide_by_std=False)
    both = gradients.exact(POLICY, BATCH, {"a": a, "b": b}, MEAN)
    assert both["a"] == gradients.exact(POLICY, BATCH, {"a": a}, MEAN)["a"]
    assert both["b"] == gradients.exact(POLICY, BATCH, {"b": b}, MEAN)["b"]
    assert both["a"].variance > both["b"].variance > 0


def test_a_factor_changes_the_variance_and_neither_ratio():
    given = catalog.run(grpo, BATCH).advantage
    once = gradients.exact(POLICY, BATCH, {"x": credit(given)}, MEAN)["x"]
    twice = gradients.exact(POLICY, BATCH, {"x": credit(2 * given)}, MEAN)["x"]
    assert_close(twice.variance, 4 * once.variance)
    assert_close(twice.noise_scale, once.noise_scale)
    assert_close((twice.snr, twice.low, twice.high), (once.snr, once.low, once.high))


def test_a_zero_advantage_has_zero_variance():
    nothing = gradients.exact(POLICY, BATCH, {"x": credit(torch.zeros_like(MEAN))}, MEAN)["x"]
    assert (nothing.variance, nothing.signal, nothing.snr) == (0, 0, 0)
    assert math.isnan(nothing.noise_scale)


def test_a_metric_weighs_the_parameters():
    credits = {"grpo": catalog.run(grpo, BATCH)}
    plain = gradients.exact(POLICY, BATCH, credits, MEAN)["grpo"]
    alike = {name: torch.full_like(p, 4.0) for name, p in POLICY.model.named_parameters()}
    twice = gradients.exact(POLICY, BATCH, credits, MEAN, metric=alike)["grpo"]
    assert_close((twice.variance, twice.snr), (4 * plain.variance, plain.snr))
    head = {name: (name == "lm_head.weight") * one for name, one in alike.items()}
    rows = gradients.group_gradients(
        POLICY, BATCH, gradients.pushes(BATCH, credits, MEAN), metric=head
    )["grpo"]
    assert [bool(row.any()) for row in rows] == [name == "lm_head.weight" for name in alike]


def test_table_and_backward_passes_agree_in_adam_s_metric():
    adam = torch.optim.AdamW(POLICY.model.parameters(), lr=0.0)
    score(POLICY, BATCH).logprobs.sum().backward()
    adam.step()
    adam.zero_grad()
    metric, credits = adam_metric(POLICY, adam), {"grpo": catalog.run(grpo, BATCH)}
    exact = gradients.exact(POLICY, BATCH, credits, MEAN, metric=metric)["grpo"]
    table = sketch.score_table(POLICY, BATCH, width=2048, metric=metric)
    found = scores.sketch(table, BATCH, credits, MEAN)["grpo"]
    plain = gradients.exact(POLICY, BATCH, credits, MEAN)["grpo"]
    assert abs(found.variance / exact.variance - 1) < 4 * scores.relative_error(2048)
    assert exact.noise_scale > 1.2 * plain.noise_scale  # small gradients count for more


def test_weights_of_the_logit_tier_are_squared_norms_by_the_logits():
    logits = torch.randn(4, 6, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    logits.requires_grad_()
    words = torch.tensor([0, 5, 2, 2])
    log_pi = logits.log_softmax(-1)
    chosen = log_pi[torch.arange(4), words]
    advantage = torch.tensor([1.0, -1.0, 1.0, -1.0], dtype=torch.float64)
    (by_logits,) = torch.autograd.grad((advantage * chosen).sum(), logits)
    rollouts = Rollouts.from_lists(
        tokens=[[0, 5], [2, 2]],
        rewards=[0.0, 0.0],
        group=[0, 1],
        dtype=torch.float64,
        old_logprobs=chosen.detach().view(2, 2).tolist(),
        sum_pi_sq=log_pi.detach().exp().square().sum(-1).view(2, 2).tolist(),
    )
    weights = gradients.norms(rollouts)
    assert_close(weights, by_logits.square().sum(-1))
    # h_p = 2 * its half; their squared norms average to 2 |by_logits|^2, over P = 2
    measured = gradients.logit(rollouts, {"x": credit(advantage)}, torch.ones(4).double())["x"]
    assert_close(measured.variance, float(by_logits.square().sum()))
    assert measured.variance > 1  # A = +1, -1, +1, -1 is not zero
    assert math.isnan(measured.signal)


def test_what_the_policy_did_not_sample_has_no_weight():
    masked = dataclasses.replace(BATCH, mask=BATCH.mask.index_fill(0, torch.tensor([1]), False))
    assert gradients.norms(masked)[1] == 0


def test_the_logit_tier_says_what_it_lacks():
    bare = dataclasses.replace(BATCH, sum_pi_sq=None)
    with pytest.raises(catalog.NotMeasured, match=r"'sum_pi_sq'.*explorer\.policy\.measure"):
        gradients.logit(bare, {"x": credit(MEAN)}, MEAN)


def test_one_group_is_too_few():
    lone = tiny.rollouts(POLICY, groups=1)
    ones = torch.ones_like(lone.entropy)
    for measure in (
        lambda: gradients.exact(POLICY, lone, {"x": credit(ones)}, ones),
        lambda: gradients.logit(lone, {"x": credit(ones)}, ones),
    ):
        with pytest.raises(ValueError, match="at least 2 prompt groups, got 1"):
            measure()


def test_more_than_fits_is_refused(monkeypatch):
    monkeypatch.setattr(gradients, "MEMORY", 1e-6)
    with pytest.raises(ValueError, match="use the tail tier or fewer"):
        gradients.exact(POLICY, BATCH, {"x": credit(MEAN)}, MEAN)
