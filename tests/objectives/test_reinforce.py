import torch

from explorer.objectives.reinforce import reinforce


def test_the_gradient_is_the_advantage():
    new = torch.tensor([-1.0, -2.0], requires_grad=True)
    loss = reinforce(new, torch.tensor([0.5, -0.25]))
    loss.sum().backward()
    assert loss.tolist() == [0.5, -0.5]
    assert new.grad is not None
    assert new.grad.tolist() == [-0.5, 0.25]
