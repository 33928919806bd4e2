"""Turns: the world's replies are in the context, and are neither sampled nor credited."""

import pytest
import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.policy import load, score
from explorer.pretrain import pretrain
from explorer.rollouts import sample
from explorer.tasks.chain import chain
from explorer.tasks.grid import grid
from explorer.turns import completions

TASK = grid(size=2, walls=0, turns=4)
SETTINGS = {"samples": 4, "max_new_tokens": 32, "temperature": 1.0, "seed": 3}


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    """A walker that has learnt to move, but not where to."""
    folder = tmp_path_factory.mktemp("walker")
    for _ in pretrain(TASK, folder, steps=30, batch=32, success=0.2):
        pass
    return load(folder, device="cpu")


@pytest.fixture(scope="module")
def rollouts(policy):
    return sample(policy, TASK, TASK.problems(0, 8), **SETTINGS)


def own(rollouts, i) -> list[tuple[str, bool]]:
    chosen = (rollouts.sample == i).tolist()
    both = zip(rollouts.pieces, rollouts.mask.tolist(), chosen, strict=True)
    return [(piece, mask) for piece, mask, here in both if here]


def test_replies_are_the_worlds_and_only_they_are_masked(rollouts):
    replied = 0
    for i, group in enumerate(rollouts.group.tolist()):
        problem = TASK.problems(0, 8)[group]
        text, reply = "", ""
        for piece, sampled in [*own(rollouts, i), ("", True)]:
            if sampled and reply:
                assert reply == TASK.world.reply(problem, text)
                text, reply = text + reply, ""
                replied += 1
            if sampled:
                text += piece
            else:
                reply += piece
    assert replied > 10


def test_a_walk_ends_at_the_goal_or_with_the_last_turn(rollouts):
    for i in range(len(rollouts.rewards)):
        turns = sum(piece == "<eos>" for piece, _ in own(rollouts, i))
        cut_off = not rollouts.finished[i]
        assert turns <= 4
        assert rollouts.correct[i] or cut_off or turns == 4
        assert own(rollouts, i)[-1][1]  # nothing is said after the last turn


def test_log_probabilities_are_those_of_one_pass_over_the_whole(policy, rollouts):
    scores = score(policy, rollouts)
    sampled = rollouts.mask
    assert_close(rollouts.logprobs[sampled], scores.logprobs[sampled], atol=1e-5, rtol=1e-5)
    assert bool(rollouts.logprobs[~sampled].isnan().all())


def test_the_same_seed_walks_the_same_way(policy, rollouts):
    again = sample(policy, TASK, TASK.problems(0, 8), **SETTINGS)
    assert torch.equal(again.tokens, rollouts.tokens)
    other = sample(policy, TASK, TASK.problems(0, 8), **SETTINGS | {"seed": 4})
    assert not torch.equal(other.tokens, rollouts.tokens)


def test_a_state_is_shared_by_walks_of_a_group_and_credit_leaves_replies_alone(rollouts):
    credit = catalog.run(catalog.load("estimators", "gigpo"), rollouts)
    assert not credit.advantage[~rollouts.mask].any()
    assert credit.advantage[rollouts.mask].any()
    first = rollouts.segment[[int((rollouts.sample == i).nonzero()[0]) for i in range(4)]]
    assert len(set(rollouts.state[first].tolist())) == 1


def test_a_task_without_a_world_is_one_call_of_the_engine():
    shipped, task = load(), chain()
    problems = task.problems(0, 3)
    prompts = [shipped.tokenizer.encode(problem.prompt) for problem in problems]
    found = completions(shipped, task, problems, prompts, engine="transformers", **SETTINGS)
    assert found == catalog.load("engines", "transformers")(shipped, prompts, **SETTINGS)
    assert found[0][0].mask is None
