"""Four completions, right, wrong, wrong, right: losses and implied advantages."""

import pytest
import torch

from explorer.aggregations.sequence_mean import sequence_mean
from explorer.estimators.nce_style import nce_style
from explorer.objectives.nce import nce

REWARDS = torch.tensor([1.0, 0, 0, 1], dtype=torch.float64)
SAMPLE, GROUP = torch.tensor([0, 0, 1, 2, 3]), torch.zeros(4).long()


def loss_and_advantages(scores: list[float], rewards=REWARDS):
    """The first completion has two tokens, that share its score."""
    s = torch.tensor(scores, dtype=torch.float64)
    new = torch.stack([s[0] / 2, s[0] / 2, *s[1:]]).requires_grad_()
    c = sequence_mean(SAMPLE, GROUP).double()
    loss = c @ nce(new, torch.zeros(5).double(), rewards, SAMPLE, GROUP)
    (gradient,) = torch.autograd.grad(loss, new)
    return loss.item(), (-gradient[1:]).tolist()


@pytest.mark.parametrize(
    ("scores", "loss", "advantages"),
    [
        ([0, 0, 0, 0], 1.0986, [0.3333, -0.3333, -0.3333, 0.3333]),
        ([0.5, 0.2, -0.1, -0.3], 1.0908, [0.2816, -0.3748, -0.2776, 0.3708]),
    ],
)
def test_loss_and_implied_advantages(scores, loss, advantages):
    got = loss_and_advantages(scores)
    assert got[0] == pytest.approx(loss, abs=1e-4)
    assert got[1] == pytest.approx(advantages, abs=1e-4)


@pytest.mark.parametrize("rewards", [[1.0, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 1]])
def test_the_first_step_is_the_estimator(rewards):
    r = torch.tensor(rewards, dtype=torch.float64)
    a = nce_style(r, GROUP, torch.arange(4)).advantage
    assert loss_and_advantages([0, 0, 0, 0], r)[1] == pytest.approx(a.tolist())


@pytest.mark.parametrize("reward", [0.0, 1.0])
def test_a_prompt_without_a_contrast_has_no_loss(reward):
    loss, advantages = loss_and_advantages([0.5, 0.2, -0.1, -0.3], torch.full_like(REWARDS, reward))
    assert loss == 0
    assert advantages == [0, 0, 0, 0]


def test_length_mean():
    new = torch.tensor([0.5, 0.25, 0, 0, 0], dtype=torch.float64)
    plain = torch.tensor([0.375, 0.0, 0, 0, 0], dtype=torch.float64)
    zero = torch.zeros(5).double()
    got = nce(new, zero, REWARDS, SAMPLE, GROUP, length_mean=True)
    assert got.tolist() == nce(plain, zero, REWARDS, SAMPLE, GROUP).tolist()
