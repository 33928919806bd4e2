"""The rollouts of one training step: sampled, judged, and with what the estimator reads beyond."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from explorer import catalog, knobs, tree, truth, turns
from explorer.anchor import anchor
from explorer.config import STEPS, Config
from explorer.importance import importance
from explorer.pieces import pieces_of
from explorer.policy import Policy
from explorer.rollouts import judge, prompt_tokens, sample
from explorer.task import Problem, Task
from explorer.types import Rollouts


def collect(
    policy: Policy,
    task: Task,
    config: Config,
    reads: set[str],
    step: int,
    *,
    history: Sequence[float],
    lap: Callable[[str], None],
) -> Rollouts:
    """Completions of fresh problems; everything random comes from the seed and the step.

    An estimator that reads a tree gets one of two levels with as many leaves, one that reads true
    values gets them by Monte Carlo where its segments start.

    Args:
        reads: the fields that estimator and objective need.
        step: other steps have other problems.
        history: mean rewards of the steps before.
        lap: is told the name of each part as it ends.
    """
    seed = config.seed * STEPS + step
    problems = task.problems(seed, config.prompts)
    limits = {"max_new_tokens": config.max_new_tokens, "temperature": config.temperature}
    if "node" in reads:
        width = max(math.isqrt(config.samples), 1)
        rollouts = tree.sample(
            policy,
            task,
            problems,
            branches=(width, width),
            seed=seed,
            engine=config.engine,
            **limits,
        )
        lap("sample")
    else:
        prompts = prompt_tokens(policy, problems)
        completions = turns.completions(
            policy,
            task,
            problems,
            prompts,
            engine=config.engine,
            samples=config.samples,
            seed=seed,
            **limits,
        )
        lap("sample")
        rollouts = judge(task, problems, completions, pieces_of(policy.tokenizer))
        rollouts = dataclasses.replace(rollouts, prompt_tokens=prompts)
        lap("judge")
    found: dict[str, Any] = {}
    if "greedy_reward" in reads:
        found["greedy_reward"] = _greedy(policy, task, problems, rollouts, config)
        lap("greedy")
    if "anchor" in reads:
        expected = anchor(history, rollouts.rewards.mean().item(), config.anchor)
        found["anchor"] = torch.full_like(rollouts.rewards, expected)
    rollouts = dataclasses.replace(rollouts, **found).to(policy.device)
    if "mc_values" in reads:
        rollouts = _valued(policy, task, rollouts, config, seed)
        lap("truth")
    if "importance" in reads:
        asked = {"measure": config.importance, "seed": seed, "micro": config.micro}
        rollouts = importance(policy, rollouts, **asked)
        lap("importance")
    return rollouts


def _greedy(
    policy: Policy, task: Task, problems: list[Problem], rollouts: Rollouts, config: Config
) -> torch.Tensor:
    """The reward of the likeliest completion of each sample's prompt, as ReMax compares with."""
    one = sample(
        policy,
        task,
        problems,
        samples=1,
        max_new_tokens=config.max_new_tokens,
        temperature=0.0,
        seed=0,
        engine=config.engine,
    )
    return one.rewards[rollouts.group]


def _valued(policy: Policy, task: Task, rollouts: Rollouts, config: Config, seed: int) -> Rollouts:
    """True values where the estimator's segments start; of every token if it has no segments."""
    estimator = catalog.load("estimators", config.estimator)
    place: dict[str, Any] = {"at": "tokens"}
    if cut := config.cut or knobs.segmenter(estimator):
        its = {knob.name for knob in knobs.knobs(catalog.load("segmenters", cut))}
        chosen = {k: v for k, v in config.estimator_settings.items() if k in its}
        place = {"at": "segments", "segmenter": cut, **chosen}
    return truth.measure(
        policy,
        task,
        rollouts,
        n=config.continuations,
        temperature=config.temperature,
        max_new_tokens=config.max_new_tokens,
        seed=seed,
        engine=config.engine,
        **place,
    )
