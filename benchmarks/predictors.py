"""What do the critic, ZIP-RC and LaSeR's verdict foretell, and do OAR's two importances agree?

    python benchmarks/predictors.py [--steps 60] [--seed 0 ... any setting of the trainer]

Trains the shipped policy under `bae` with the critic, under `zip_rc` and under `laser`, and prints
over stretches of ten steps the share of the returns' variance that the predictions explain, or for
the verdict the probability that a right answer is ranked above a wrong one. All are predictions of
a step's rollouts from before they were learnt from. Importances are measured on one batch of the
shipped policy; their agreement is Spearman's within a completion.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor

from explorer import knobs, options, runs
from explorer.config import Config, describe
from explorer.importance import importance
from explorer.policy import load, score
from explorer.rollouts import sample
from explorer.train import train
from explorer.types import Rollouts

CHOSEN = {
    "values": {"estimator": "bae", "critic": True},
    "zip_values": {"estimator": "zip_rc"},
    "self_reward": {"estimator": "laser"},
}


def explained(predicted: Tensor, rollouts: Rollouts) -> float:
    target = rollouts.rewards[rollouts.sample]
    return 1 - ((target - predicted).var() / target.var()).item()


def ranked(verdict: Tensor, rollouts: Rollouts) -> float:
    """Probability that a right answer has the higher verdict, among those that ended."""
    right, wrong = (verdict[rollouts.finished & c] for c in (rollouts.correct, ~rollouts.correct))
    above = (right[:, None] > wrong).float() + 0.5 * (right[:, None] == wrong)
    return above.mean().item()


def curve(field: str, config: Config) -> list[float]:
    """How good the predictions of each step are."""
    with tempfile.TemporaryDirectory() as folder:
        run = runs.create(Path(folder) / "run", describe(config))
        list(train(config, run))
        kept = [run.rollouts(step) for step in run.steps()]
    good = ranked if field == "self_reward" else explained
    return [good(getattr(rollouts, field), rollouts) for rollouts in kept]


def agreement(one: Tensor, two: Tensor, sample: Tensor) -> float:
    """Mean over completions of the rank correlation of what was measured in both."""
    found = []
    for i in range(int(sample.max()) + 1):
        own = (sample == i) & ~one.isnan() & ~two.isnan()
        ranks = torch.stack([x[own].argsort().argsort().double() for x in (one, two)])
        found.append(torch.corrcoef(ranks)[0, 1].item())
    return statistics.fmean(x for x in found if x == x)


def importances(config: Config) -> None:
    policy, task = load(device="cpu"), config.make_task()
    rollouts = sample(
        policy,
        task,
        task.problems(config.seed, config.prompts),
        samples=config.samples,
        max_new_tokens=config.max_new_tokens,
        temperature=1.0,
        seed=config.seed,
    )
    with torch.no_grad():
        score(policy, rollouts)  # warms up
        began = time.perf_counter()
        score(policy, rollouts, micro=config.micro)
        forward = time.perf_counter() - began
    ways = {
        "hidden": {"measure": "perturbation"},
        "one draw": {"draws": 1},
        "another": {"draws": 1, "seed": 1},
        "eight": {"draws": 8},
    }
    found = {}
    for name, way in ways.items():
        began = time.perf_counter()
        found[name] = importance(policy, rollouts, micro=config.micro, **way).importance
        passes = (time.perf_counter() - began) / forward
        print(f"{name:>12}: {passes:.1f} forward passes of the batch")
    for one, two in (("hidden", "one draw"), ("hidden", "eight"), ("one draw", "another")):
        print(f"{one} ~ {two}: {agreement(found[one], found[two], rollouts.sample):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    given, rest = parser.parse_known_args()
    torch.set_num_threads(given.threads)
    usual = {"steps": 60, "keep_rollouts_every": 1, "score_share": 0.0}
    settings = usual | options.settings(rest, knobs.knobs(Config))
    for field, chosen in CHOSEN.items():
        good = curve(field, Config(**settings | chosen))
        tens = [statistics.fmean(good[at : at + 10]) for at in range(0, len(good), 10)]
        print(f"{field:>12}", *(f"{x:.2f}" for x in tens))
    importances(Config(**settings))


if __name__ == "__main__":
    main()
