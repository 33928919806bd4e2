"""Both ways to a score table against projected gradients, one token at a time."""

import dataclasses

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import catalog, gradients, ragged, scores, sketch
from explorer.directions import along, hashes, parameters_of
from explorer.estimators.grpo import grpo
from explorer.policy import score
from explorer.types import Rollouts

POLICY = tiny.policy(layers=2)
BATCH = tiny.rollouts(POLICY, groups=3)
MEAN = torch.full(BATCH.tokens.shape, 1 / 9)


def gradient_of(token: int) -> list[torch.Tensor]:
    sample = int(BATCH.sample[token])
    before = int((BATCH.sample[:token] == sample).sum())
    logprobs = score(POLICY, ragged.of_sample(BATCH, sample)).logprobs
    return list(torch.autograd.grad(logprobs[before], list(POLICY.model.parameters())))


def signs(width: int, seed: int) -> torch.Tensor:
    """The directions, flat: [width, parameters]."""
    here = parameters_of(POLICY)
    found = along(hashes(POLICY, width, seed), torch.arange(width), here)
    return torch.cat([d.flatten(1) for d in found.values()], 1)


def test_an_entry_is_the_token_s_gradient_along_a_direction():
    table = sketch.reverse(POLICY, BATCH, width=6, seed=3)
    for token in (0, 4, len(table) - 1):
        flat = torch.cat([g.flatten() for g in gradient_of(token)])
        assert_close(table[token], signs(6, 3) @ flat, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_both_ways_give_the_same_table(temperature):
    settings = {"width": 10, "seed": 1, "temperature": temperature}
    rows = sketch.reverse(POLICY, BATCH, **settings)
    columns = sketch.forward(POLICY, BATCH, **settings)
    assert_close(rows, columns, atol=1e-5, rtol=1e-4)
    assert rows.norm(dim=1).min() > 0


def test_the_cost_model_takes_rows_for_short_and_columns_for_long_sequences(monkeypatch):
    long = Rollouts.from_lists(tokens=[[3] * 200], rewards=[0.0], group=[0], prompt_tokens=[[3, 4]])
    assert sketch.reverse_is_cheaper(POLICY, BATCH, 64)
    assert not sketch.reverse_is_cheaper(POLICY, long, 64)
    assert sketch.score_table(POLICY, BATCH, width=8).shape == (len(BATCH.tokens), 8)
    monkeypatch.setattr(sketch, "MEMORY", 1e-6)
    assert not sketch.reverse_is_cheaper(POLICY, BATCH, 64)


def test_any_estimator_by_linear_algebra_is_its_projected_gradient():
    given = catalog.run(grpo, BATCH)
    push = gradients.pushes(BATCH, {"grpo": given}, MEAN)
    table = sketch.score_table(POLICY, BATCH, width=64)
    rows = gradients.group_gradients(POLICY, BATCH, push)["grpo"]
    projected = torch.cat(rows, 1) @ signs(64, 0).T
    assert_close(scores.sums(table, BATCH, push["grpo"]), projected, atol=1e-5, rtol=1e-4)


def test_progress_ends_at_one():
    told: list[float] = []
    sketch.forward(POLICY, BATCH, width=6, seed=0, progress=told.append)
    assert told[-1] == 1.0
    sketch.reverse(POLICY, BATCH, width=6, seed=0, progress=told.append)
    assert told[-1] == 1.0


def test_a_metric_weighs_the_parameters():
    one = {name: torch.zeros_like(p) for name, p in POLICY.model.named_parameters()}
    one["lm_head.weight"] += 4.0
    head = sketch.reverse(POLICY, BATCH, width=1500, seed=0, metric=one)
    by_head = torch.stack([gradient_of(t)[-1] for t in range(len(head))]).flatten(1)
    assert_close(head.square().sum(), 4 * by_head.square().sum(), rtol=0.05, atol=0)
    few = {"width": 12, "seed": 0, "metric": one}
    assert_close(sketch.reverse(POLICY, BATCH, **few), sketch.forward(POLICY, BATCH, **few))


def test_prompts_are_needed():
    bare = dataclasses.replace(BATCH, prompt_tokens=None)
    with pytest.raises(ValueError, match="record prompt_tokens"):
        sketch.score_table(POLICY, bare)
