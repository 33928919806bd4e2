"""A world small enough to enumerate, so that "unbiased" is an equality and not a statistic.

Two prompts. At every step the policy says 0 (stop) or 1 (go on); the first prompt allows three
steps, so four answers, the second one step, so two. The policy is a table of logits, one row a
state; an expectation is a sum over every batch of `samples` answers to both prompts.

Run this file to print what the README's column `unbiased` has to say of every estimator.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from explorer import catalog
from explorer.types import Rollouts

ANSWERS = (  # the state each token is chosen in, and the token
    ((0, 0),),
    ((0, 1), (1, 0)),
    ((0, 1), (1, 1), (2, 0)),
    ((0, 1), (1, 1), (2, 1)),
    ((3, 0),),
    ((3, 1),),
)
PROMPT = (0, 0, 0, 0, 1, 1)  # of each answer
STEPS = ((1.0,), (0.25, -0.25), (0.25, 0.25, -0.25), (0.25, 0.25, 0.0), (0.5,), (0.125,))
REWARD = tuple(sum(steps) for steps in STEPS)
LOGITS = torch.tensor([[0.3, -0.2], [0.1, 0.7], [-0.5, 0.4], [0.2, 0.6]], dtype=torch.float64)
CHANCE = LOGITS.softmax(1)  # [states, actions]
PROMPTS = 2


def true_gradient() -> Tensor:
    """Gradient of the mean over prompts of the expected reward: [states * actions]."""
    return sum(_chance(y) * REWARD[y] * _scores([y]).sum(0) for y in range(6)) / PROMPTS


def expected_gradient(estimator: Callable, samples: int = 3, **settings) -> Tensor:
    """E[mean over samples of sum_t A_t grad log pi(token t)], exactly: [states * actions]."""
    total = torch.zeros(LOGITS.numel(), dtype=torch.float64)
    for chance, answers, rollouts in batches(samples):
        advantage = catalog.run(estimator, rollouts, **settings).advantage
        total += chance * (advantage @ _scores(answers)) / len(answers)
    return total


def verdict(estimator: Callable, **settings) -> str:
    """yes; up to a constant (which); or no (the angle between expected and true gradient)."""
    true, mean = true_gradient(), expected_gradient(estimator, **settings)
    constant = float(mean @ true / (true @ true))
    if (mean - constant * true).abs().max() < 1e-12:
        return "yes" if abs(constant - 1) < 1e-12 else f"up to a constant ({constant:.4g})"
    angle = math.degrees(math.acos(float(mean @ true / (mean.norm() * true.norm()))))
    return f"no ({angle:.2g}°)"


@cache
def batches(samples: int) -> list[tuple[float, list[int], Rollouts]]:
    """Every batch of `samples` answers a prompt, up to their order, with its probability."""
    of_prompt = [[y for y in range(6) if PROMPT[y] == p] for p in range(PROMPTS)]
    found = []
    for picked in itertools.product(
        *(itertools.combinations_with_replacement(ys, samples) for ys in of_prompt)
    ):
        answers = [y for ys in picked for y in ys]
        chance = math.prod(map(_chance, answers))
        for ys in picked:
            repeats = math.prod(math.factorial(n) for n in Counter(ys).values())
            chance *= math.factorial(samples) / repeats
        found.append((chance, answers, rollouts(answers)))
    return found


def rollouts(answers: list[int]) -> Rollouts:
    """These answers with everything that can be known of them, exactly.

    Every token is a step (a segment) of its own; the first is block 0, the others are block 1,
    whose stratum is what the first token was. The rewards of steps (each with three equal parts)
    and those of blocks sum to the reward. In the tree every answer is a leaf below its prompt.
    """
    each = [ANSWERS[y] for y in answers]
    values = [[VALUE[s] for s, _ in answer] for answer in each]
    logprobs = [[math.log(CHANCE[s, a]) for s, a in answer] for answer in each]
    blocks = [[STEPS[y][0], sum(STEPS[y][1:]) if len(STEPS[y]) > 1 else None] for y in answers]
    gains = [
        [after - before for before, after in itertools.pairwise([*row, REWARD[y]])]
        for y, row in zip(answers, values, strict=True)
    ]
    return Rollouts.from_lists(
        dtype=torch.float64,
        tokens=[[a for _, a in answer] for answer in each],
        rewards=[REWARD[y] for y in answers],
        group=[PROMPT[y] for y in answers],
        logprobs=logprobs,
        old_logprobs=logprobs,
        ref_logprobs=logprobs,
        entropy=[[-float(CHANCE[s] @ CHANCE[s].log()) for s, _ in answer] for answer in each],
        sum_pi_sq=[[float(CHANCE[s] @ CHANCE[s]) for s, _ in answer] for answer in each],
        values=values,
        mc_values=values,
        mc_sem=[[0.0 for _ in answer] for answer in each],
        zip_values=values,
        importance=[[0.5 * s + a for s, a in answer] for answer in each],
        logged_advantages=gains,
        block=[[min(t, 1) for t in range(len(answer))] for answer in each],
        block_rewards=blocks,
        outcomes=[[0, answer[0][1]] for answer in each],
        segment=[list(range(len(answer))) for answer in each],
        segment_rewards=[[[step] * 3 for step in STEPS[y]] for y in answers],
        state=[[s for s, _ in answer] for answer in each],
        finished=[True for _ in answers],
        correct=[REWARD[y] >= 0.5 for y in answers],
        confidence=[0.5 for _ in answers],
        greedy_reward=[GREEDY[PROMPT[y]] for y in answers],
        reward_parts=[[first, rest or 0.0] for first, rest in blocks],
        self_reward=[0.1 + 0.8 * REWARD[y] for y in answers],
        anchor=[0.5 for _ in answers],
        node=[[PROMPTS + i for _ in answer] for i, answer in enumerate(each)],
        parent=[-1] * PROMPTS + [PROMPT[y] for y in answers],
        node_rewards=[None] * PROMPTS + [REWARD[y] for y in answers],
    )


def _chance(answer: int) -> float:
    return math.prod(float(CHANCE[step]) for step in ANSWERS[answer])


def _value(state: int) -> float:
    """Expected reward of the answers that pass through a state, given that they do."""
    through = [y for y in range(6) if state in [s for s, _ in ANSWERS[y]]]
    return sum(_chance(y) * REWARD[y] for y in through) / sum(map(_chance, through))


def _scores(answers: list[int]) -> Tensor:
    """grad log pi of every token of these answers: [tokens, states * actions]."""
    rows = []
    for state, action in itertools.chain(*(ANSWERS[y] for y in answers)):
        score = torch.zeros_like(LOGITS)
        score[state] = -CHANCE[state]
        score[state, action] += 1
        rows.append(score.flatten())
    return torch.stack(rows)


VALUE = [_value(state) for state in range(4)]
GREEDY = [  # reward of the answer of likeliest tokens, for each prompt
    next(
        REWARD[y]
        for y in range(6)
        if PROMPT[y] == p and all(CHANCE[s].argmax() == a for s, a in ANSWERS[y])
    )
    for p in range(PROMPTS)
]

if __name__ == "__main__":
    for name in catalog.names("estimators"):
        print(f"{name:22} {verdict(catalog.load('estimators', name))}")
