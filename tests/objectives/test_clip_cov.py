import torch
from torch.testing import assert_close

from explorer.objectives.clip_cov import clip_cov
from explorer.objectives.ppo_clip import ppo_clip

OLD = torch.tensor([0.5, 0.25, 0.25, 0.5]).double().log()
A = torch.tensor([1.0, 1.0, -1.0, -1.0]).double()
# log pi - mean is +-log(2) / 2 = +-0.347, so that cov is 0.347, -0.347, 0.347, -0.347


def gradient(**settings) -> torch.Tensor:
    new = OLD.clone().requires_grad_()
    clip_cov(new, OLD, A, **settings).sum().backward()
    assert new.grad is not None
    return new.grad


def test_beyond_the_bounds_it_is_ppo():
    new = OLD + torch.tensor([0.5, -0.1, 0.3, -0.5]).double()
    assert_close(clip_cov(new, OLD, A, low=1.0), ppo_clip(new, OLD, A))


def test_tokens_between_the_bounds_sit_out():
    assert_close(gradient(low=0.3, high=0.4, share=1.0), torch.tensor([0, -1, 0, 1]).double())


def test_one_at_least_sits_out_and_the_seed_says_which():
    found = {tuple(gradient(low=0.3, high=0.4, share=0.0, seed=s).tolist()) for s in range(8)}
    assert found == {(0, -1, 1, 1), (-1, -1, 0, 1)}
