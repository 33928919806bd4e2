import pytest
from gradient_weight import gradient_weight

from explorer.objectives.sapo import sapo


@pytest.mark.parametrize("advantage", [1, -1, -3])
def test_at_the_old_policy_it_is_reinforce(advantage):
    assert gradient_weight(sapo, 1.0, advantage) == pytest.approx(1)


def test_the_weight_fades_on_both_sides():
    # 4 s (1 - s) rho, s = sigmoid(tau (rho - 1)): at rho 2 and tau 1, 4 * 0.731059 * 0.268941 * 2.
    assert gradient_weight(sapo, 2.0, 1) == pytest.approx(1.572896, abs=1e-5)
    assert gradient_weight(sapo, 0.5, 1) == pytest.approx(0.470007, abs=1e-5)
    assert gradient_weight(sapo, 2.0, 1, tau_pos=10.0) < 0.001


def test_punished_tokens_have_a_gate_of_their_own():
    assert gradient_weight(sapo, 2.0, -1, tau_neg=1.0) == gradient_weight(sapo, 2.0, 1)
    assert gradient_weight(sapo, 2.0, -1) < gradient_weight(sapo, 2.0, 1)
