import math

import pytest
from gradient_weight import gradient_weight

from explorer.objectives.dro import dro


@pytest.mark.parametrize("advantage", [1, -1, 2])
def test_at_the_old_policy_it_is_reinforce(advantage):
    assert gradient_weight(dro, 1.0, advantage) == pytest.approx(1)


def test_the_leash_ends_where_the_advantage_is_used_up():
    # A - beta log rho = 0 at rho = exp(A / beta)
    assert gradient_weight(dro, math.e, 1, beta=1.0) == pytest.approx(0, abs=1e-9)
    assert gradient_weight(dro, 1 / math.e, -1, beta=1.0) == pytest.approx(0, abs=1e-9)
    assert gradient_weight(dro, math.e**2, 1, beta=1.0) == pytest.approx(-1)


def test_without_a_leash_it_is_reinforce_everywhere():
    assert gradient_weight(dro, 5.0, 1, beta=0.0) == pytest.approx(1)
