"""The trainer: sample, judge, measure, credit, learn; a run folder is all that it leaves.

Step s is the s-th update; its rollouts are those of the policy before it. Everything random at a
step comes from the seed and s, so that a run that was stopped goes on as if it had not been.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from explorer import catalog, checkpoint, gradients, knobs, learn, metrics, scoring
from explorer.budget import Budget
from explorer.collect import collect
from explorer.config import Config
from explorer.control import interruptions, proceed
from explorer.policy import SHIPPED, Policy, load, measure
from explorer.predictors import Predictors, predictors
from explorer.runs import Run
from explorer.task import Task
from explorer.types import Credit, PerToken, Rollouts

TOP = 20  # likeliest tokens that dppo_topk may tell apart: the paper's K


@dataclass(frozen=True, eq=False, kw_only=True)
class _Trainer:
    """The leaves that a config names, the policy, and what learns."""

    config: Config
    task: Task
    policy: Policy
    reference: Policy | None
    optimizer: torch.optim.AdamW
    predictors: Predictors
    loss: learn.Loss
    reads: set[str]
    top: int  # likeliest tokens to record, for an objective that reads them
    budget: Budget  # of score tables


def train(config: Config, run: Run, policy: Policy | None = None) -> Iterator[dict[str, Any]]:
    """Train, and give one row of metrics a step; goes on where the run's last checkpoint is.

    The run's control file is obeyed between steps. SIGINT and SIGTERM end it after the step with a
    checkpoint; what raises leaves the status `failed` with its message.

    Args:
        policy: `beginning(config)`, for who has loaded it already; a run that goes on has its own.

    Raises:
        ValueError: a policy or device that does not exist; a loss that is not finite.
    """
    step = 0
    try:
        with interruptions() as interrupted:
            if run.control() == "stop":  # what ended the run before it was resumed
                run.set_control("run")
            run.set_status("running", step=0, steps=config.steps, message="loading the policy")
            step, trainer = _prepare(config, run, policy)
            try:
                while step < config.steps and proceed(run, step, config.steps, interrupted):
                    row = _step(trainer, run, step + 1)
                    step += 1
                    run.append(row)
                    run.set_status("running", step=step, steps=config.steps)
                    if step % config.checkpoint_every == 0:
                        _keep(trainer, run, step)
                    yield row
            except GeneratorExit:  # whoever iterates has seen enough; the step is whole
                _leave(trainer, run, step)
                raise
            _leave(trainer, run, step)
    except KeyboardInterrupt:
        message = "interrupted within a step; resuming goes on from the last checkpoint"
        run.set_status("stopped", step=step, steps=config.steps, message=message)
        raise
    except Exception as error:
        run.set_status("failed", step=step, steps=config.steps, message=str(error))
        raise


def beginning(config: Config) -> Policy:
    """The policy that a run with this config begins with.

    Raises:
        ValueError: a policy or device that does not exist.
    """
    return load(SHIPPED if config.policy == "shipped" else config.policy, device=config.device)


def _prepare(config: Config, run: Run, policy: Policy | None) -> tuple[int, _Trainer]:
    """The number of steps that are done, and all that the next ones need."""
    objective = catalog.load("objectives", config.objective)
    estimator = catalog.load("estimators", config.estimator)
    reads = {*catalog.reads(estimator, config.cut), *knobs.inputs(objective), *config.extra}
    step, kept = checkpoint.latest(run.folder) or (0, None)
    policy = load(kept, device=config.device) if kept else policy or beginning(config)
    # Without weight decay: a pretrained policy has no reason to be drawn to 0.
    optimizer = torch.optim.AdamW(policy.model.parameters(), weight_decay=0.0)
    limit = config.max_new_tokens
    beside = predictors(reads, policy, lr=config.critic_lr, limit=limit, seed=config.seed)
    if kept is not None:
        checkpoint.restore(kept, optimizer, beside.parts())
    run.rewind(step)
    follow = config.kl > 0 or "ref_logprobs" in reads
    return step, _Trainer(
        config=config,
        task=config.make_task(),
        policy=policy,
        reference=beginning(config) if follow else None,
        optimizer=optimizer,
        predictors=beside,
        reads=reads,
        loss=learn.loss_of(objective, config.objective_settings, kl=config.kl),
        top=TOP if "top_tokens" in reads else 0,
        budget=Budget(share=config.score_share, began=time.perf_counter()),
    )


def _step(trainer: _Trainer, run: Run, step: int) -> dict[str, Any]:
    config, policy = trainer.config, trainer.policy
    laps = _Laps()
    rollouts = collect(
        policy,
        trainer.task,
        config,
        trainer.reads,
        step,
        history=[row["reward"] for row in run.metrics()] if "anchor" in trainer.reads else [],
        lap=laps.end,
    )
    scores, rollouts = _measured(trainer, rollouts)
    laps.end("measure")
    credit = _credit(config, config.estimator, rollouts)
    rollouts = dataclasses.replace(rollouts, logged_advantages=credit.advantage)
    name, settings = config.normaliser
    coefficients = catalog.run(catalog.load("aggregations", name), rollouts, **settings)
    laps.end("credit")
    noise = _noise(trainer, run, step, rollouts, coefficients, lap=laps.end)
    lr = config.lr * min(1.0, step / max(config.warmup, 1))
    trainer.optimizer.param_groups[0]["lr"] = lr
    learnt = learn.update(
        policy,
        trainer.optimizer,
        rollouts,
        coefficients,
        trainer.loss,
        scores=scores,
        updates=config.updates,
        max_grad_norm=config.max_grad_norm,
        temperature=config.temperature,
        micro=config.micro,
        beside=lambda: trainer.predictors.pull(policy, rollouts, micro=config.micro),
    )
    laps.end("learn")
    if trainer.predictors.readers:
        trainer.predictors.learn(rollouts)
        laps.end("predict")
    run.write(step, rollouts)
    run.prune(every=config.keep_rollouts_every, last=config.keep_last)
    laps.end("write")
    seen = metrics.row(rollouts, credit.advantage, trainer.task.blocks)
    return {"step": step, "time": time.time(), **seen, **learnt, "lr": lr, **noise, **laps.row()}


def _measured(trainer: _Trainer, rollouts: Rollouts) -> tuple[learn.Scores | None, Rollouts]:
    config = trainer.config
    rollouts, scores = learn.forward(
        trainer.policy,
        rollouts,
        temperature=config.temperature,
        micro=config.micro,
        top=trainer.top,
    )
    if trainer.reference is not None:
        then = measure(trainer.reference, rollouts, temperature=config.temperature)
        rollouts = dataclasses.replace(rollouts, ref_logprobs=then.old_logprobs)
    return scores, trainer.predictors.fill(trainer.policy, rollouts, micro=config.micro)


def _credit(config: Config, name: str, rollouts: Rollouts) -> Credit:
    """The credit by the config's estimator with its settings, by any other with its defaults."""
    estimator = catalog.load("estimators", name)
    if name != config.estimator:
        return catalog.run(estimator, rollouts)
    return catalog.run(estimator, rollouts, segmenter=config.cut, **config.estimator_settings)


def _noise(
    trainer: _Trainer,
    run: Run,
    step: int,
    rollouts: Rollouts,
    coefficients: PerToken,
    *,
    lap: Callable[[str], None],
) -> dict[str, Any]:
    """The gradients' noise where it is this step's turn, and the table to read it from later."""
    config, found = trainer.config, {}
    if config.variance_every and (step - 1) % config.variance_every == 0:
        found["variance"] = _variance(trainer, rollouts, coefficients)
        lap("variance")
    if config.score_share and (step == 1 or step % config.keep_rollouts_every == 0):
        optimizer, budget = trainer.optimizer, trainer.budget
        scoring.keep(run.folder, step, trainer.policy, rollouts, optimizer, config, budget)
        lap("scores")
    return found


def _variance(
    trainer: _Trainer, rollouts: Rollouts, coefficients: PerToken
) -> dict[str, dict[str, Any]]:
    """Noise of the gradient under every estimator that these rollouts can serve."""
    fresh = dataclasses.replace(rollouts, logged_advantages=None)  # `logged` repeats the run's own
    able = [
        name
        for name in catalog.names("estimators")
        if not catalog.missing(catalog.load("estimators", name), fresh)
    ]
    credits = {name: _credit(trainer.config, name, rollouts) for name in able}
    found = gradients.exact(
        trainer.policy, rollouts, credits, coefficients, temperature=trainer.config.temperature
    )
    return {name: dataclasses.asdict(noise) for name, noise in found.items()}


def _keep(trainer: _Trainer, run: Run, step: int) -> None:
    beside = trainer.predictors.parts()
    alone = not trainer.config.keep_checkpoints
    checkpoint.write(run.folder, step, trainer.policy, trainer.optimizer, beside, alone=alone)


def _leave(trainer: _Trainer, run: Run, step: int) -> None:
    _keep(trainer, run, step)
    steps = trainer.config.steps
    run.set_status("finished" if step >= steps else "stopped", step=step, steps=steps)


class _Laps:
    """Seconds of each part of a step."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def end(self, part: str) -> None:
        now = time.perf_counter()
        self._seconds[f"seconds/{part}"] = now - self._last
        self._last = now

    def row(self) -> dict[str, float]:
        return {**self._seconds, "seconds": self._last - self._began}
