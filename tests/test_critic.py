"""The critic: it sees no token that is still to come, and learns what rewards follow."""

import dataclasses

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer import ragged
from explorer.catalog import NotMeasured
from explorer.critic import Critic
from explorer.metrics import row
from explorer.predictors import predictors
from explorer.types import Rollouts


@pytest.fixture
def critic():
    found = Critic(tiny.WORDS)
    torch.nn.init.normal_(found.reader.head.weight)
    return found


def batch(groups=8, seed=0) -> Rollouts:
    """The reward is 1 if the first word is even, so that it is known from the second on."""
    drawn = tiny.rollouts(tiny.policy(), groups=groups, samples=4, seed=seed)
    first = torch.cat([torch.tensor([True]), drawn.sample[1:] != drawn.sample[:-1]])
    return dataclasses.replace(drawn, rewards=(drawn.tokens[first] % 2 == 0).float())


def test_a_new_critic_says_0():
    assert not Critic(tiny.WORDS).values(batch()).any()


def test_a_value_is_that_before_its_token(critic):
    rollouts = batch()
    values = critic.values(rollouts)
    at = torch.nonzero(rollouts.sample == 3).flatten()[1]
    for field, change in (("tokens", 1), ("old_logprobs", -2.0), ("entropy", 0.5)):
        x = getattr(rollouts, field).clone()
        x[at] = x[at] + change
        moved = critic.values(dataclasses.replace(rollouts, **{field: x})) != values
        later = (rollouts.sample == 3) & (torch.arange(len(values)) > at)
        assert moved.tolist() == later.tolist()


def test_samples_do_not_see_each_other(critic):
    rollouts = batch()
    alone = [critic.values(ragged.of_sample(rollouts, i)) for i in range(len(rollouts.rewards))]
    assert_close(torch.cat(alone), critic.values(rollouts))


def test_the_prompt_is_read(critic):
    rollouts = batch()
    other = dataclasses.replace(rollouts, prompt_tokens=[[3]] * 8)
    assert not torch.equal(critic.values(other), critic.values(rollouts))


def test_it_begins_with_the_mean_return():
    rollouts, critic = batch(), Critic(tiny.WORDS)
    critic.settle(rollouts)
    mean = rollouts.rewards[rollouts.sample].mean()
    assert_close(critic.values(rollouts), mean.expand(len(rollouts.sample)))


def test_it_learns_what_follows():
    policy = tiny.policy()
    made = predictors({"values"}, policy, lr=1e-2, limit=8, seed=0)
    for seed in range(1, 21):
        made.learn(batch(groups=16, seed=seed))
    fresh = batch(groups=16)
    valued = made.fill(policy, fresh, micro=1000)
    assert row(valued, torch.zeros(len(fresh.tokens)))["explained"] > 0.4
    second = torch.cat([torch.tensor([False]), fresh.sample[1:] == fresh.sample[:-1]])
    known = (valued.values - fresh.rewards[fresh.sample]).abs()[second]
    assert known.median() < 0.1


def test_tokens_that_were_not_sampled_are_not_learnt_from():
    rollouts = batch()
    states = []
    for reward, sampled in ((1.0, False), (9.0, False), (9.0, True)):
        rewards = rollouts.rewards.clone()
        rewards[2] = reward
        mask = (rollouts.sample != 2) | sampled
        made = predictors({"values"}, tiny.policy(), lr=1e-2, limit=8, seed=0)
        made.learn(dataclasses.replace(rollouts, rewards=rewards, mask=mask))
        states.append(made.readers["values"].reader.head.bias.detach())
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[1], states[2])


def test_what_it_reads_has_to_be_measured(critic):
    with pytest.raises(NotMeasured, match=r"explorer\.policy\.measure"):
        critic.values(dataclasses.replace(batch(), entropy=None))


def test_the_same_seed_makes_the_same_critic_and_disturbs_no_other_randomness():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one, two = Critic(tiny.WORDS, seed=3), Critic(tiny.WORDS, seed=3)
    assert_close(torch.rand(3), expected, rtol=0, atol=0)
    assert_close(one.state_dict(), two.state_dict(), rtol=0, atol=0)
