"""Characters to tokens: what a task says of a text lands on the right tokens."""

import math

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer.policy import measure
from explorer.rollouts import judge, sample
from explorer.task import Judgement, Problem, Task
from explorer.tasks.chain import chain
from explorer.types import Completion

WORDS = ["ab", "c|", "|", "d;e", ";", "f", "<end>", "", "c|d"]
PROBLEM = Problem("2+1=", "3")


def halves() -> Task:
    """Block 0 ends with the first `|`, a step with each `;`. Absent halves have no reward."""

    def judgement(problem: Problem, text: str) -> Judgement:
        cut = text.find("|") + 1 or len(text)
        ends = [i + 1 for i, c in enumerate(text) if c == ";"]
        ends += [len(text)] if text and ends[-1:] != [len(text)] else []
        second = 0.25 if cut < len(text) else math.nan
        return Judgement(
            reward=1.0 + (second if second == second else -1.0),
            block_starts=(0, cut),
            block_rewards=(1.0, second),
            outcomes=(0, 1),
            step_ends=tuple(ends),
            step_rewards=tuple((float(i),) for i in range(len(ends))),
            correct=True,
            confidence=0.5,
        )

    return Task("halves", ("a", "b"), ("no", "yes"), ("n",), lambda *_: [], str, judgement)


def judged(*texts: list[str]):
    completions = [
        Completion([WORDS.index(word) for word in text], [0.0] * len(text), "<end>" in text)
        for text in texts
    ]
    return judge(halves(), [PROBLEM], [completions], lambda ids: [WORDS[i] for i in ids])


def test_a_token_that_straddles_a_boundary_goes_to_the_later_side():
    rollouts = judged(["ab", "c|d", "d;e", "f", "<end>"])
    assert rollouts.block.tolist() == [0, 1, 1, 1, 1]
    assert rollouts.segment.tolist() == [0, 0, 1, 1, 1]


def test_a_token_that_ends_on_a_boundary_goes_to_the_earlier_side():
    rollouts = judged(["ab", "c|", "f", ";", "f", "<end>"])
    assert rollouts.block.tolist() == [0, 0, 1, 1, 1, 1]
    assert rollouts.segment.tolist() == [0, 0, 0, 0, 1, 1]


def test_the_end_goes_to_the_last_block_that_has_a_reward():
    rollouts = judged(["ab", "c|", "<end>"], ["f", "<end>"], ["f", ";", "<end>"])
    assert rollouts.block.tolist() == [0, 0, 0, 0, 0, 0, 0, 0]
    assert rollouts.segment.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]


def test_the_end_is_not_judged_but_has_a_piece():
    rollouts = judged(["f", "<end>"])
    assert rollouts.pieces == ["f", "<end>"]
    assert rollouts.finished.tolist() == [True]


def test_a_token_without_text_goes_where_the_next_character_goes():
    assert judged(["c|", "", "f"]).block.tolist() == [0, 1, 1]
    assert judged(["", "c|", "f", ""]).block.tolist() == [0, 0, 1, 1]


def test_parts_add_up_to_the_reward():
    rollouts = judged(["c|", "f"], ["f"])
    assert_close(rollouts.reward_parts, torch.tensor([[1.0, 0.25], [1.0, -1.0]]))
    measured = torch.tensor([[1.0, 0.25], [1.0, math.nan]])
    assert_close(rollouts.block_rewards, measured, equal_nan=True)


def test_a_completion_without_steps_is_one_segment_with_nothing_to_reward():
    rollouts = judged(["<end>"], ["f"], [])
    assert rollouts.segment.tolist() == [0, 1]
    assert_close(
        rollouts.segment_rewards, torch.tensor([[math.nan], [0.0], [math.nan]]), equal_nan=True
    )


TEXTS = st.lists(st.sampled_from([word for word in WORDS if word != "<end>"]))


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_token_is_where_its_last_character_is(texts):
    rollouts = judged(*texts)
    segments = 0
    for i, text in enumerate(texts):
        judgement = halves().judge(PROBLEM, "".join(text))
        own = rollouts.sample == i
        end = 0
        for piece, block, segment in zip(
            text, rollouts.block[own].tolist(), rollouts.segment[own].tolist(), strict=True
        ):
            end += len(piece)
            if piece:
                assert block == int(end > judgement.block_starts[1])
                assert segment - segments == sum(cut < end for cut in judgement.step_ends)
        segments += max(len(judgement.step_ends), 1)
    assert len(rollouts.segment_rewards) == segments


def test_chain_end_to_end():
    policy = tiny.policy()
    task = chain()
    rollouts = sample(
        policy,
        task,
        [Problem("w3", "3"), Problem("w5", "4")],
        samples=3,
        max_new_tokens=9,
        temperature=1.0,
        seed=1,
    )
    assert rollouts.group.tolist() == [0, 0, 0, 1, 1, 1]
    assert rollouts.prompts == ["w3", "w5"]
    assert rollouts.prompt_tokens == [[3], [5]]
    assert not rollouts.correct.any()
    assert bool(rollouts.confidence.isnan().all())
    assert_close(rollouts.rewards, torch.full((6,), -1.0))
    assert_close(measure(policy, rollouts).old_logprobs, rollouts.logprobs, atol=1e-5, rtol=0)


def test_an_unknown_engine_is_one_sentence():
    with pytest.raises(ValueError, match="engines has no 'vlm'"):
        sample(
            tiny.policy(),
            chain(),
            [PROBLEM],
            samples=1,
            max_new_tokens=1,
            temperature=1.0,
            seed=0,
            engine="vlm",
        )
