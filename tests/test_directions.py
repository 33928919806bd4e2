import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import directions
from explorer.policy import score

POLICY = tiny.policy()
BATCH = tiny.rollouts(POLICY, groups=2)


def test_the_same_seed_gives_the_same_hashes():
    once, again, other = (directions.hashes(POLICY, 5, seed) for seed in (1, 1, 2))
    for name, parameter in POLICY.model.named_parameters():
        assert_close(once[name].bucket, again[name].bucket)
        assert_close(once[name].factor, again[name].factor)
        assert len(once[name].bucket) == parameter.numel()
    head = once["lm_head.weight"]
    assert set(head.factor.tolist()) == {-1.0, 1.0}
    assert set(head.bucket.tolist()) == set(range(5))
    assert (head.factor != other["lm_head.weight"].factor).any()


def test_every_entry_lies_in_one_direction():
    here = directions.parameters_of(POLICY)
    found = directions.along(directions.hashes(POLICY, 7, 0), torch.arange(7), here)
    for name, parameter in here.items():
        assert found[name].shape == (7, *parameter.shape)
        assert_close(found[name].abs().sum(0), torch.ones_like(parameter))


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
