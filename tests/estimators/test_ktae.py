"""KTAE: group.md section 2."""

import dataclasses
from fractions import Fraction
from math import comb

import pytest
import torch
from batches import batches
from example import E1, near
from hypothesis import given
from hypothesis import strategies as st

from explorer import catalog
from explorer.estimators.grpo import grpo
from explorer.estimators.ktae import _fisher, ktae

CODE = {5: 0.0, 6: -1.0, 7: 0.25388, 8: -1.0, 9: 1.0}
PAPER = {5: 0.0, 6: -0.5, 7: 0.40596, 8: -0.5, 9: 0.5}


def _key(rollouts, **settings):
    return catalog.run(ktae, rollouts, **settings).bonus


@pytest.mark.parametrize(("form", "keys"), [("code", CODE), ("paper", PAPER)])
def test_keys_of_e1(form, keys):
    near(_key(E1, form=form), [keys[v] for v in E1.tokens.tolist()])


def test_they_are_added_to_grpo():
    expected = [0.866, 1.1199, -0.866, -1.866, -1.866, -0.866, -1.866, -0.6121, -1.866]
    near(catalog.run(ktae, E1).advantage, [*expected, 0.866, 1.1199, 1.866], atol=5e-5)


@given(rollouts=batches())
def test_right_and_wrong_exchanged_is_the_opposite(rollouts):
    binary = dataclasses.replace(rollouts, rewards=(rollouts.rewards > 0.3).double())
    other = dataclasses.replace(binary, rewards=1 - binary.rewards)
    near(_key(other), (-_key(binary)).tolist(), atol=1e-12)


def test_a_token_that_all_have_says_nothing_however_often():
    # id 5 three times in a right completion: p = 1 and no information
    more = dataclasses.replace(E1, tokens=torch.tensor([5, 7, 5, 8, 6, 5, 8, 7, 6, 5, 5, 5]))
    near(_key(more)[more.tokens == 5], [0.0] * 6)


def test_a_group_that_is_all_right_is_grpo():
    right = dataclasses.replace(E1, rewards=torch.tensor([1.0, 0.5, 1, 2], dtype=torch.float64))
    assert not _key(right).any()
    near(catalog.run(ktae, right).advantage, catalog.run(grpo, right).advantage.tolist())


def test_without_weights_there_is_no_bonus():
    assert not _key(E1, h1=0.0, h2=0.0).any()


def test_keys_of_one_prompt_do_not_see_the_other():
    both = dataclasses.replace(E1, group=torch.tensor([0, 0, 1, 1]))
    half = dataclasses.replace(
        E1,
        tokens=E1.tokens[:5],
        mask=E1.mask[:5],
        sample=E1.sample[:5],
        rewards=E1.rewards[:2],
        group=E1.group[:2],
    )
    near(_key(both)[:5], _key(half).tolist())


@given(st.integers(1, 24), st.integers(1, 24), st.data())
def test_fishers_p_is_exact_ties_included(right, wrong, data):
    a, b = data.draw(st.integers(0, right)), data.draw(st.integers(0, wrong))

    def chance(k: int) -> Fraction:
        return Fraction(comb(right, k) * comb(wrong, a + b - k), comb(right + wrong, a + b))

    ways = [chance(k) for k in range(right + 1) if 0 <= a + b - k <= wrong]
    table = torch.tensor([[a, b, right, wrong]], dtype=torch.float64)
    near(_fisher(table, two_sided=False), [float(chance(a))], atol=1e-12)
    exact = float(sum(p for p in ways if p <= chance(a)))
    near(_fisher(table, two_sided=True), [exact], atol=1e-12)
