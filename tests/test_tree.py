"""Trees sampled from the shipped policy."""

import pytest
import torch
from torch.testing import assert_close

from explorer import catalog, tree
from explorer.policy import load, measure
from explorer.tasks.chain import chain
from explorer.types import Rollouts


@pytest.fixture(scope="module")
def grown() -> Rollouts:
    policy, task = load(device="cpu"), chain()
    rollouts = tree.sample(policy, task, task.problems(3, 2), branches=(3, 2, 2), length=8, seed=1)
    return measure(policy, rollouts)


def paths(rollouts: Rollouts) -> list[list[int]]:
    """The nodes of each completion, from the top."""
    assert rollouts.node is not None
    return [
        list(dict.fromkeys(rollouts.node[rollouts.sample == i].tolist()))
        for i in range(len(rollouts.rewards))
    ]


def test_every_completion_goes_from_a_child_of_its_prompt_to_a_leaf(grown):
    parent = grown.parent.tolist()
    for path, group in zip(paths(grown), grown.group.tolist(), strict=True):
        assert [parent[n] for n in path] == [group, *path[:-1]]
        assert path[-1] not in parent


def test_a_node_is_sampled_once(grown):
    for path in paths(grown):
        for n in path:
            owners = grown.sample[(grown.node == n) & grown.mask].unique()
            assert len(owners) == 1


def test_completions_through_a_node_share_its_tokens(grown):
    for n in grown.node.unique().tolist():
        holders = grown.sample[grown.node == n].unique()
        texts = [grown.tokens[(grown.sample == i) & (grown.node == n)].tolist() for i in holders]
        assert all(text == texts[0] for text in texts)


def test_the_policy_sampled_every_token_after_what_precedes_it(grown):
    assert_close(grown.logprobs, grown.old_logprobs, atol=1e-4, rtol=1e-4)


def test_leaves_hold_the_rewards_of_their_completions(grown):
    leaves = [path[-1] for path in paths(grown)]
    assert_close(grown.node_rewards[leaves], grown.rewards)
    assert int(grown.node_rewards.isnan().sum()) == len(grown.parent) - len(leaves)


@pytest.mark.parametrize("name", ["spo_tree", "tree_rl", "grpo"])
def test_estimators_read_it(grown, name):
    a = catalog.run(catalog.load("estimators", name), grown).advantage
    assert not a[~grown.mask].any()
    assert a.isfinite().all()
    assert a.any()


def test_siblings_are_compared_with_their_mean(grown):
    credit = catalog.run(catalog.load("estimators", "spo_tree"), grown)
    assert credit.peers is not None
    for siblings in credit.peers[credit.peers >= 0].unique():
        here = credit.peers == siblings
        values = [credit.target[here & (grown.node == n)][0] for n in grown.node[here].unique()]
        assert_close(credit.baseline[here][0], torch.stack(values).mean())


def test_levels_that_do_not_fit_are_named():
    policy, task = load(device="cpu"), chain()
    with pytest.raises(ValueError, match="3 levels with nodes of 40 tokens do not fit into 80"):
        tree.sample(policy, task, task.problems(0, 1), branches=(2, 2, 2), length=40)
