"""Where something that an estimator reads was not measured."""

import pytest

from explorer import catalog, unmeasured
from explorer.types import Rollouts

ROLLOUTS = Rollouts.from_lists(
    tokens=[[1, 2], [3], [4], [5]],
    rewards=[1.0, 0.0, 1.0, 0.0],
    group=[0, 1, 1, 2],
    values=[[0.5, None], [0.5], [0.5], [0.5]],
    entropy=[[None, None], [None], [None], [None]],
    block_rewards=[[1.0, 0.0], [1.0, None], [0.0, 0.0], [0.0, 0.0]],
    segment=[[0, 1], [0], [0], [0]],
    segment_rewards=[[[1.0], [0.0]], [[0.0]], [[0.0]], [[float("nan")]]],
)


@pytest.mark.parametrize(
    ("name", "prompts"), [("gae", {0}), ("rlcr", {1}), ("sentence_grpo", {2}), ("grpo", set())]
)
def test_prompts_for_which_something_that_is_read_is_nan(name, prompts):
    function = catalog.load("estimators", name)
    found = unmeasured.tokens(function, ROLLOUTS)
    assert found.tolist() == [g in prompts for g in (0, 0, 1, 1, 2)]


def test_an_empty_batch_lacks_nothing():
    empty = Rollouts.from_lists(tokens=[], rewards=[], group=[])
    assert len(unmeasured.tokens(catalog.load("estimators", "grpo"), empty)) == 0
