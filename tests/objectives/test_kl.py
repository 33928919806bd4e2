import pytest
import torch
from torch.testing import assert_close

from explorer.objectives.kl import kl

PI = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)
REF = torch.tensor([0.25, 0.25, 0.5], dtype=torch.float64)


def forward(p, q):
    return (p * (p / q).log()).sum()


@pytest.mark.parametrize("estimator", ["k1", "k3"])
def test_the_expected_value_is_the_divergence(estimator):
    values = kl(PI.log(), REF.log(), estimator=estimator)
    assert_close(PI @ values, forward(PI, REF))


def test_never_negative():
    for estimator in ("k2", "k3"):
        assert (kl(PI.log(), REF.log(), estimator=estimator) >= 0).all()


@pytest.mark.parametrize(
    ("estimator", "of"),
    [
        ("k1", lambda p: 0 * p.sum()),
        ("k2", lambda p: forward(p, REF)),
        ("k3", lambda p: forward(REF, p)),
    ],
)
def test_the_expected_gradient(estimator, of):
    """Of E_pi[loss] with the samples held fixed, by the logits."""
    logits = PI.log().requires_grad_()
    (PI @ kl(logits.log_softmax(0), REF.log(), estimator=estimator)).backward()
    expected = PI.log().requires_grad_()
    of(expected.softmax(0)).backward()
    assert_close(logits.grad, expected.grad)
