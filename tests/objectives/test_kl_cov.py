import math

import torch
from torch.testing import assert_close

from explorer.objectives.kl_cov import kl_cov

OLD = torch.tensor([0.5, 0.25, 0.25, 0.5]).double().log()
A = torch.tensor([1.0, 1.0, -1.0, -1.0]).double()


def loss_and_gradient(ratios: list[float], **settings):
    new = (OLD + torch.tensor(ratios).double().log()).requires_grad_()
    loss = kl_cov(new, OLD, A, **settings)
    loss.sum().backward()
    return loss.detach(), new.grad


def test_at_the_old_policy_nothing_pulls():
    loss, gradient = loss_and_gradient([1, 1, 1, 1])
    assert_close(loss, -A)
    assert_close(gradient, -A)


def test_only_the_token_that_agrees_most_is_held():
    # mean log pi is between log 1/2 and log 1/4; the first (likely, rewarded) and the third
    # (unlikely, punished) agree; raised to 3/4, the first agrees most
    loss, gradient = loss_and_gradient([1.5, 1, 1, 1], beta=2.0)
    assert_close(loss[0], OLD.new_tensor(-1.5 + 2 * math.log(1.5)))
    assert_close(gradient, torch.tensor([-1.5 + 2, -1, 1, 1]).double())


def test_as_many_as_the_share_says():
    # all four: -rho A + beta |log rho|, sign of log rho in the gradient
    _, gradient = loss_and_gradient([2, 2, 0.5, 0.5], share=1.0, beta=1.0)
    assert_close(gradient, torch.tensor([-2 + 1, -2 + 1, 0.5 - 1, 0.5 - 1]).double())
