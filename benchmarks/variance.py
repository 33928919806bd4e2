"""What does each tier of gradient noise cost, and how far is it from exact gradients?

    python benchmarks/variance.py [--prompts 6] [--samples 6] [--seeds 8]

The shipped policy on chain arithmetic. First the seconds of each tier, for one estimator more and
for what is done once; peers are the exact tier and the two ways to a table. Then, for several
widths, the error of variance and signal against exact gradients: root mean square over seeds, in
units of the variance, and what `scores.relative_error` promises at most. Medians of 3.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from explorer import catalog, gradients, scorefile, scores, sketch, tail
from explorer.policy import load, measure
from explorer.rollouts import sample

ESTIMATORS = ("grpo", "rloo", "bae", "reinforce_pp")
WIDTHS = (32, 128, 512, 2048)


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prompts", type=int, default=6)
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    torch.set_num_threads(1)
    policy, task = load(device="cpu"), catalog.load("tasks", "chain")()
    drawn = sample(
        policy,
        task,
        task.problems(0, options.prompts),
        samples=options.samples,
        max_new_tokens=80,
        temperature=1.0,
        seed=0,
    )
    drawn = measure(policy, drawn)
    credits = {n: catalog.run(catalog.load("estimators", n), drawn) for n in ESTIMATORS}
    one = {"grpo": credits["grpo"]}
    weights = catalog.run(catalog.load("aggregations", "token_mean"), drawn)
    print(f"{options.prompts} x {options.samples} completions, {len(drawn.tokens)} tokens")

    table = sketch.reverse(policy, drawn, width=512, seed=0)
    whole = tail.tail_table(policy, drawn)
    rows = {
        "logit, an estimator": lambda: gradients.logit(drawn, one, weights),
        "exact, an estimator": lambda: gradients.exact(policy, drawn, one, weights),
        "exact, 4 estimators": lambda: gradients.exact(policy, drawn, credits, weights),
        "sketch, an estimator": lambda: scores.sketch(table, drawn, one, weights),
        "tail, an estimator": lambda: scores.sketch(whole, drawn, one, weights, tier="tail"),
        "table of 512 by rows": lambda: sketch.reverse(policy, drawn, width=512, seed=0),
        "tail table of 512": lambda: tail.tail_table(policy, drawn),
    }
    for name, work in rows.items():
        print(f"{name:24}{1e3 * seconds(work):10.1f} ms")
    columns = seconds(lambda: sketch.forward(policy, drawn, width=32, seed=0), 1) * 512 / 32
    print(f"{'table of 512 by columns':24}{1e3 * columns:10.1f} ms (32 of them, times 16)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.safetensors"
        scorefile.write(path, table)
        print(f"{'table of 512 on disk':24}{path.stat().st_size / 2**20:10.2f} MiB")

    exact = gradients.exact(policy, drawn, credits, weights)
    print(f"\n{'':16}" + "".join(f"{n:>22}" for n in ESTIMATORS))
    print(f"{'width':>6}{'promised':>10}" + f"{'variance':>14}{'signal':>8}" * len(ESTIMATORS))
    for width in WIDTHS:
        off: dict[str, list[list[float]]] = {n: [] for n in ESTIMATORS}
        for seed in range(options.seeds):
            made = sketch.reverse(policy, drawn, width=width, seed=seed)
            for name, found in scores.sketch(made, drawn, credits, weights).items():
                truth = exact[name]
                spread = truth.variance * truth.groups
                off[name].append(
                    [
                        (found.variance - truth.variance) / truth.variance,
                        (found.signal - truth.signal) / spread,
                    ]
                )
        cells = (torch.tensor(off[n]).square().mean(0).sqrt().tolist() for n in ESTIMATORS)
        line = "".join(f"{a:14.3f}{b:8.3f}" for a, b in cells)
        print(f"{width:6}{scores.relative_error(width):10.3f}{line}")


if __name__ == "__main__":
    main()
