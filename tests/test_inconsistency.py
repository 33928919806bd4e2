"""The tree of group.md, section 12: root a .7, b .3; a: x .6, y .4; b: x .9, y .1."""

import math

import pytest
import torch
from torch.testing import assert_close

from explorer.inconsistency import inconsistency, reduction

PARENT = torch.tensor([-1, 0, 0, 1, 1, 2, 2])
ROOT, A, B, AX, AY, BX, BY = range(7)
LOGPROBS = torch.tensor([1.0, 0.7, 0.3, 0.6, 0.4, 0.9, 0.1], dtype=torch.float64).log()


def explored(*nodes: int) -> torch.Tensor:
    return torch.isin(torch.arange(7), torch.tensor([ROOT, *nodes]))


def test_one_path_has_the_surprise_of_its_tokens():
    assert_close(inconsistency(PARENT, LOGPROBS, explored(A, AY)), -math.log(0.7 * 0.4))


def test_all_that_can_come_is_consistent():
    assert_close(inconsistency(PARENT, LOGPROBS, torch.ones(7).bool()), 0.0)
    assert inconsistency(PARENT, LOGPROBS, explored()) == 0


@pytest.mark.parametrize(("candidate", "expected"), [(AX, 0.9163), (BX, 0.6000)])
def test_what_a_candidate_takes_off(candidate, expected):
    found = reduction(PARENT, LOGPROBS, explored(A, AY), candidate)
    assert_close(found, expected, atol=5e-5, rtol=0)


def test_it_is_the_divergence_of_the_explored_leaves():
    # Q over the leaves ay, bx: .7, .3; P: .28, .27
    q, p = torch.tensor([0.7, 0.3]).double(), torch.tensor([0.28, 0.27]).double()
    found = inconsistency(PARENT, LOGPROBS, explored(A, AY, B, BX))
    assert_close(found, float((q * (q / p).log()).sum()))


def test_what_is_explored_takes_nothing_off():
    assert reduction(PARENT, LOGPROBS, explored(A, AY), AY) == 0
