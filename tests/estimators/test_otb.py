"""OTB: group.md section 13."""

import dataclasses

import torch
from example import E1, near

from explorer import catalog
from explorer.estimators.otb import otb


def _with(chance, sum_pi_sq):
    on_tokens = [torch.tensor(x, dtype=torch.float64)[E1.sample] for x in (chance, sum_pi_sq)]
    return dataclasses.replace(E1, old_logprobs=on_tokens[0].log(), sum_pi_sq=on_tokens[1])


EQUAL = _with([0.5] * 4, [0.3] * 4)


def test_equally_sure_samples():
    a = catalog.run(otb, EQUAL).advantage
    near(a[9:], [0.5, 0.5, 0.66667])
    near(a[5:9], [-0.5, -0.5, -0.33333, 0.0])


def test_a_sure_sample_weighs_little():
    a = catalog.run(otb, _with([0.9, 0.5, 0.5, 0.2], [0.82, 0.3, 0.3, 0.3])).advantage
    near(a[:2], [0.39474, 0.39474])
    near(a[9:], [0.39474, 0.39474, 0.4])
    near(a[2:5], [-0.60526, -0.60526, -0.6])


def test_the_tail_of_the_longest():
    won = dataclasses.replace(EQUAL, rewards=1 - EQUAL.rewards)
    near(catalog.run(otb, won).advantage[8:9], [1.0])
    near(catalog.run(otb, won, zero_tail=False).advantage[8:9], [0.0])


def test_where_the_policy_is_certain_the_plain_mean_remains():
    certain = _with([1.0] * 4, [1.0] * 4)
    near(catalog.run(otb, certain, zero_tail=False).advantage[:5], [0.5, 0.5, -0.5, -0.5, -0.5])
