"""The formula, filled in."""

import torch

from explorer.formula import filled, number, terms
from explorer.types import Credit


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_terms_are_those_of_the_token():
    credit = Credit(target=numbers(1, 0), baseline=numbers(0.5, 0.25), scale=numbers(2, 4))
    assert terms(credit, 1) == {
        "weight": 1, "target": 0, "baseline": 0.25, "scale": 4, "bonus": 0, "advantage": -0.0625,
    }  # fmt: skip


def test_what_changes_nothing_is_left_out():
    tex = filled(Credit(target=numbers(1), baseline=numbers(0.25)), 0)
    assert "scale" not in tex and "weight" not in tex and "bonus" not in tex
    assert r"\mathbf{+0.75}" in tex


def test_every_term_that_counts_is_named():
    credit = Credit(
        target=numbers(1), baseline=numbers(-0.5), scale=2.0, weight=0.5, bonus=numbers(-1)
    )
    tex = filled(credit, 0)
    for name in ("target", "baseline", "scale", "weight", "bonus"):
        assert rf"\text{{{name}}}" in tex
    assert r"\mathbf{-0.625}" in tex
    assert "(-0.5)" in tex and "(-1)" in tex  # no two signs beside each other


def test_small_numbers_are_powers_of_ten():
    assert number(1.5e-7) == r"1.5 \cdot 10^{-7}"
    assert number(0.12345) == "0.1235"
