import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import directions
from explorer.policy import score

POLICY = tiny.policy()
BATCH = tiny.rollouts(POLICY, groups=2)


def test_the_same_seed_gives_the_same_signs():
    once, again, other = (
        [torch.cat(d) for d in zip(*directions.directions(POLICY, 5, s), strict=True)]
        for s in (1, 1, 2)
    )
    for a, b, c, p in zip(once, again, other, POLICY.model.parameters(), strict=True):
        assert_close(a, b, atol=0, rtol=0)
        assert a.shape == (5, *p.shape)
        assert set(a.unique().tolist()) <= {-1.0, 1.0}
        assert (a != c).any()


def test_adam_s_metric_is_one_over_the_root_of_the_second_moment():
    policy = tiny.policy()
    optimizer = torch.optim.Adam(policy.model.parameters())
    with pytest.raises(ValueError, match="take a step first"):
        directions.adam_metric(policy, optimizer)
    score(policy, BATCH).logprobs.sum().backward()
    optimizer.step()
    gradient = policy.model.lm_head.weight.grad  # after one step v is its square
    metric = directions.adam_metric(policy, optimizer, eps=0.5)
    assert_close(metric["lm_head.weight"], 1 / (gradient.abs() + 0.5))
