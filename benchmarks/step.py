"""Where does the time of one training step go, and what bounds it?

    python benchmarks/step.py [--prompts 16 --samples 8 ... any setting of `explorer list trainer`]
                              [--steps 12] [--threads 1,2] [--peer]

Best of the steps for each part, the first one left out (it loads and warms up), so that a busy
machine disturbs little. `--peer` times `generate` of transformers and a bare forward and backward
pass on the same prompts and completions, in the same run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from explorer import knobs, options, runs
from explorer.config import Config, describe
from explorer.policy import load, score
from explorer.rollouts import sample
from explorer.train import train

PARTS = ("sample", "judge", "measure", "credit", "learn", "write")


def parts(config: Config) -> tuple[dict[str, float], float]:
    """Milliseconds of each part, and tokens sampled a step."""
    with tempfile.TemporaryDirectory() as folder:
        run = runs.create(Path(folder) / "run", describe(config))
        rows = list(train(config, run))[1:]
    best = {part: 1e3 * min(row[f"seconds/{part}"] for row in rows) for part in PARTS}
    best["whole step"] = 1e3 * min(row["seconds"] for row in rows)
    tokens = sum(row["length"] for row in rows) / len(rows) * config.prompts * config.samples
    return best, tokens


def best_of(function: Callable[[], object], repeats: int = 5) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return 1e3 * min(times)


def peers(config: Config) -> dict[str, float]:
    """Milliseconds of `generate`, and of a bare forward and backward pass."""
    policy = load(device="cpu")
    task = config.make_task()
    rollouts = sample(
        policy,
        task,
        task.problems(0, config.prompts),
        samples=config.samples,
        max_new_tokens=config.max_new_tokens,
        temperature=1.0,
        seed=0,
    )
    policy.tokenizer.padding_side = "left"
    inputs = policy.tokenizer(rollouts.prompts, return_tensors="pt", padding=True)
    inputs.pop("token_type_ids", None)

    def generate() -> None:
        policy.model.generate(
            **inputs,
            do_sample=True,
            top_k=0,
            max_new_tokens=config.max_new_tokens,
            num_return_sequences=config.samples,
        )

    def forward() -> None:
        with torch.no_grad():
            score(policy, rollouts)

    def both() -> None:
        score(policy, rollouts).logprobs.sum().backward()

    return {
        "peer: generate": best_of(generate),
        "peer: forward": best_of(forward),
        "peer: forward, backward": best_of(both),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--peer", action="store_true")
    given, rest = parser.parse_known_args()
    usual = {"steps": 12, "prompts": 16, "samples": 8, "warmup": 0}
    config = Config(**usual | options.settings(rest, knobs.knobs(Config)))
    columns, tokens = {}, 0.0
    for threads in map(int, given.threads.split(",")):
        torch.set_num_threads(threads)
        found, tokens = parts(config)
        columns[threads] = found | (peers(config) if given.peer else {})
    print(f"{config.prompts} x {config.samples}, {tokens:.0f} tokens a step; milliseconds, best")
    print(f"{'':>26}" + "".join(f"{n:>9} thr." for n in columns))
    for part in next(iter(columns.values())):
        print(f"{part:>26}" + "".join(f"{column[part]:>14.1f}" for column in columns.values()))


if __name__ == "__main__":
    main()
