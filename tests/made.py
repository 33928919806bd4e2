"""A run folder without a trainer: gold completions of the chain task, some of them spoilt."""

import random
from pathlib import Path

from explorer import runs
from explorer.rollouts import judge
from explorer.runs import Run
from explorer.task import Problem
from explorer.tasks.chain import chain
from explorer.types import Completion, Rollouts

TASK = chain()
PROMPTS, SAMPLES = 3, 6
END = 0  # the token that ends a completion; the others are code points


def run(folder: Path, *, steps: int = 3, estimator: str = "bae") -> Run:
    """A finished run; the share of right answers grows with the steps."""
    made = runs.create(
        folder,
        {"task": "chain", "estimator": estimator, "seed": 0,
         "config": {"prompts": PROMPTS, "samples": SAMPLES},
         "blocks": TASK.blocks, "outcomes": TASK.outcomes},
    )  # fmt: skip
    for step in range(1, steps + 1):
        batch = rollouts(step, skill=step / (steps + 1))
        made.write(step, batch)
        made.append(row(step, batch))
        made.set_status("running" if step < steps else "finished", step=step, steps=steps)
    return made


def rollouts(seed: int, *, skill: float) -> Rollouts:
    """Completions of which about `skill` are right."""
    dice = random.Random(seed)
    problems = TASK.problems(seed, PROMPTS)
    completions = [[_completion(p, dice, skill) for _ in range(SAMPLES)] for p in problems]
    return judge(TASK, problems, completions, lambda ids: [chr(i) if i else "<eos>" for i in ids])


def row(step: int, batch: Rollouts) -> dict:
    """Metrics of a step as a trainer writes them."""
    noise = {"variance": 4.0 / step, "variance_sem": 0.5, "signal": 0.25, "noise_scale": 8.0,
             "snr": 0.5, "low": 0.25, "high": 0.75, "groups": PROMPTS, "tier": "logit"}  # fmt: skip
    assert batch.correct is not None
    return {
        "step": step, "seconds": 0.5, "reward": float(batch.rewards.mean()), "entropy": 0.25,
        "accuracy": float(batch.correct.double().mean()), "brier": 0.25, "zero_groups": 0.0,
        "variance": {"grpo": noise, "bae": noise | {"variance": 2.0 / step}},
    }  # fmt: skip


def _completion(problem: Problem, dice: random.Random, skill: float) -> Completion:
    text = TASK.gold(problem)
    if dice.random() > skill:
        text = text.replace(f"<answer>{problem.answer}<", f"<answer>{int(problem.answer) + 1}<")
    text = text.replace(">1.0<", f">0.{dice.randint(1, 9)}<")
    tokens = [*map(ord, text), END]
    logprobs = [-dice.choice([0.01, 0.125, 1.0]) for _ in tokens]
    return Completion(tokens=tokens, logprobs=logprobs, finished=True)
