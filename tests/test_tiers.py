"""Every estimator on the policy that the package carries: the sketch against exact gradients."""

import dataclasses
from functools import cache

import pytest
import torch

from explorer import catalog, gradients, policy, scores, sketch, tree
from explorer.types import Credit, Rollouts

WIDTH = 256


@cache
def batch() -> tuple[policy.Policy, Rollouts]:
    """A sampled tree below each prompt, so that there is something to read for all estimators."""
    shipped = policy.load(device="cpu")
    task = catalog.load("tasks", "chain")()
    grown = tree.sample(
        shipped, task, task.problems(0, 5), branches=(3, 2), length=12, max_new_tokens=64, seed=0
    )
    dice = torch.Generator().manual_seed(0)  # a value is a value, whatever it was measured with
    lacking = {
        "tokens": (
            "values",
            "mc_values",
            "mc_sem",
            "zip_values",
            "importance",
            "logged_advantages",
        ),
        "samples": ("greedy_reward", "self_reward", "anchor"),
    }
    sizes = {"tokens": grown.tokens.shape, "samples": grown.rewards.shape}
    drawn = {n: torch.rand(sizes[axis], generator=dice) for axis in sizes for n in lacking[axis]}
    drawn["state"] = torch.randint(4, grown.segment_rewards.shape[:1], generator=dice)
    return shipped, dataclasses.replace(policy.measure(shipped, grown), **drawn)


@cache
def credits() -> dict[str, Credit]:
    names = catalog.names("estimators")
    return {n: catalog.run(catalog.load("estimators", n), batch()[1]) for n in names}


@cache
def grams() -> dict[str, torch.Tensor]:
    shipped, drawn = batch()
    mean = catalog.run(catalog.load("aggregations", "token_mean"), drawn)
    return gradients.exact_grams(shipped, drawn, credits(), mean)


@cache
def table() -> torch.Tensor:
    return sketch.score_table(*batch(), width=WIDTH, seed=5)


def test_every_estimator_credits_something():
    assert [name for name, credit in credits().items() if not credit.advantage.any()] == []


@pytest.mark.parametrize("name", catalog.names("estimators"))
def test_sketch_agrees_with_exact(name):
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
