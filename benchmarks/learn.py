"""Does the shipped policy learn, how much, and in how long?

    python benchmarks/learn.py [--estimators bae] [--seeds 5] [--steps 150] [--threads 1] [--curves]
                               [--lr 3e-4 ... any setting of `explorer list trainer`]

Sampled accuracy of the answer and Brier score of the stated confidence, as means over the first and
the last 10 steps: of other problems at each step, none of them seen before. The interval is 95 % of
Student's t over the seeds. Sixteen completions of each of 16 prompts are sampled a step unless said
otherwise.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch

from explorer import knobs, options, runs
from explorer.config import Config, describe
from explorer.noise import t_quantile
from explorer.train import train

SHOWN = ("accuracy", "brier", "ece", "reward", "entropy")


def curve(config: Config) -> tuple[list[dict], float]:
    """The rows of a run and its seconds, loading included."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = runs.create(Path(folder) / "run", describe(config))
        rows = list(train(config, run))
    return rows, time.perf_counter() - began


def mean(rows: list[dict], name: str) -> float:
    return statistics.fmean(row[name] for row in rows)


def interval(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.3f}"
    reach = t_quantile(len(values) - 1) * statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.fmean(values):.3f} ± {reach:.3f}"


def report(estimator: str, curves: list[tuple[list[dict], float]]) -> None:
    for name in SHOWN:
        first = [mean(rows[:10], name) for rows, _ in curves]
        last = [mean(rows[-10:], name) for rows, _ in curves]
        change = [b - a for a, b in zip(first, last, strict=True)]
        print(
            f"{estimator:>16} {name:>9}  {interval(first)} -> {interval(last)}"
            f"   change {interval(change)}, least {min(change, key=abs):+.3f}"
        )
    print(f"{estimator:>16}   seconds  {interval([seconds for _, seconds in curves])} a run")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--estimators", default="bae")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--curves", action="store_true", help="print every tenth step's means")
    given, rest = parser.parse_known_args()
    torch.set_num_threads(given.threads)
    settings = {"steps": 150} | options.settings(rest, knobs.knobs(Config))
    for estimator in given.estimators.split(","):
        curves = [curve(Config(estimator, **settings | {"seed": s})) for s in range(given.seeds)]
        report(estimator, curves)
        if given.curves:
            for at in range(0, len(curves[0][0]), 10):
                means = [
                    statistics.fmean(mean(rows[at : at + 10], name) for rows, _ in curves)
                    for name in SHOWN
                ]
                print(f"{at + 1:>6}", *(f"{n} {m:.3f}" for n, m in zip(SHOWN, means, strict=True)))


if __name__ == "__main__":
    main()
