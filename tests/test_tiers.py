"""Every estimator on the policy that the package carries: the sketch against exact gradients."""

import dataclasses
from functools import cache

import pytest
import torch

from explorer import catalog, gradients, policy, rollouts, scores, sketch
from explorer.types import Credit, Rollouts

WIDTH = 256


@cache
def batch() -> tuple[policy.Policy, Rollouts]:
    shipped = policy.load(device="cpu", critic=True)
    task = catalog.load("tasks", "chain")()
    problems = task.problems(0, 5)
    drawn = rollouts.sample(
        shipped, task, problems, samples=6, max_new_tokens=64, temperature=1.0, seed=0
    )
    dice = torch.Generator().manual_seed(0)  # a value is a value, whatever it was measured with
    drawn = dataclasses.replace(
        policy.measure(shipped, drawn),
        mc_values=torch.rand(drawn.tokens.shape, generator=dice),
        mc_sem=torch.rand(drawn.tokens.shape, generator=dice),
        greedy_reward=torch.rand(drawn.rewards.shape, generator=dice),
    )
    return shipped, drawn


@cache
def credits() -> dict[str, Credit]:
    estimators = {n: catalog.load("estimators", n) for n in catalog.names("estimators")}
    measured = {n: f for n, f in estimators.items() if not catalog.missing(f, batch()[1])}
    return {n: catalog.run(f, batch()[1]) for n, f in measured.items()}


@cache
def grams() -> dict[str, torch.Tensor]:
    shipped, drawn = batch()
    mean = catalog.run(catalog.load("aggregations", "token_mean"), drawn)
    return gradients.exact_grams(shipped, drawn, credits(), mean)


@cache
def table() -> torch.Tensor:
    return sketch.score_table(*batch(), width=WIDTH, seed=5)


def test_most_estimators_are_tried():
    assert len(credits()) >= 9


@pytest.mark.parametrize("name", catalog.names("estimators"))
def test_sketch_agrees_with_exact(name):
    if name not in credits():
        pytest.skip("reads a sampled tree or another field that this batch lacks")
    drawn = batch()[1]
    mean = catalog.run(catalog.load("aggregations", "token_mean"), drawn)
    (found,) = scores.sketch(table(), drawn, {name: credits()[name]}, mean).values()
    gram = grams()[name]
    p = len(gram)
    of_signal = (1 - torch.eye(p)) / (p * (p - 1))
    of_spread = torch.eye(p) / p - of_signal
    for weights, value in ((of_signal, found.signal), (of_spread, found.variance * p)):
        product = weights.double() @ gram
        sem = (2 / WIDTH * (product @ product).trace()).sqrt()
        assert abs(value - (weights * gram).sum()) <= 3 * sem
