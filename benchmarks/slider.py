"""What does one move of a slider cost from a score table, and when has the table paid for itself?

    python benchmarks/slider.py [--prompts 4] [--samples 2] [--tokens 1000] [--width 128]

A move is credit, sums of rows and noise, from a table in memory; the peer is the exact tier on the
same rollouts, in the same process. The shipped policy reads completions of random tokens: what a
move costs depends on their number alone. Medians of 9 moves. Then the tail of the gradient beside
the whole, on chain arithmetic, both exact: how far apart are their noise scales?
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

import torch

from explorer import catalog, gradients, scores, sketch, tail
from explorer.directions import parameters_of
from explorer.noise import noise
from explorer.policy import Policy, load, measure
from explorer.rollouts import sample
from explorer.types import Rollouts

MOVED = ("grpo", "rloo", "reinforce_pp", "gpg", "otb", "ktae")
COMPARED = ("grpo", "rloo", "bae", "reinforce_pp", "otb", "ktae", "gdpo", "process_grpo")
DIRECTIONS = 4  # that are timed; the others take as long


def seconds(work: Callable[[], object], repeats: int) -> float:
    work()
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent)


def long(policy: Policy, prompts: int, samples: int, tokens: int) -> Rollouts:
    """Completions of random tokens, with random rewards."""
    dice = random.Random(0)
    words = policy.model.config.vocab_size
    rows = [[dice.randrange(words) for _ in range(tokens)] for _ in range(prompts * samples)]
    batch = Rollouts.from_lists(
        tokens=rows,
        rewards=[dice.random() for _ in rows],
        group=[i // samples for i in range(len(rows))],
        prompt_tokens=[[dice.randrange(words) for _ in range(8)] for _ in range(prompts)],
    )
    return measure(policy, batch)


def moves(policy: Policy, batch: Rollouts, width: int) -> None:
    weights = catalog.run(catalog.load("aggregations", "token_mean"), batch)
    table = tail.tail_table(policy, batch, width=width)
    by_tail = seconds(lambda: tail.tail_table(policy, batch, width=width), 1)
    few = seconds(lambda: sketch.forward(policy, batch, width=DIRECTIONS, seed=0), 1)
    whole = few * width / DIRECTIONS
    times = f"{DIRECTIONS} of them, times {width // DIRECTIONS}"
    print(f"{len(batch.tokens)} tokens x {width}: table by columns {whole:.1f} s ({times})")
    print(f"of the tail {by_tail:.2f} s")
    print(f"{'':16}{'credit':>10}{'a move':>10}{'exact':>12}{'times':>8}"
          f"{'pays after':>12}{'of the tail':>12}")  # fmt: skip
    for name in MOVED:
        estimator = catalog.load("estimators", name)

        def credit(estimator=estimator) -> dict:
            return {"x": catalog.run(estimator, batch)}

        given = seconds(credit, 9)
        move = seconds(lambda credit=credit: scores.sketch(table, batch, credit(), weights), 9)
        exact = seconds(lambda credit=credit: gradients.exact(policy, batch, credit(), weights), 1)
        pays = [made / (exact - move) for made in (whole, by_tail)]
        print(f"{name:16}{1e3 * given:7.2f} ms{1e3 * move:7.2f} ms{1e3 * exact:9.0f} ms"
              f"{exact / move:8.0f}{pays[0]:12.1f}{pays[1]:12.1f}")  # fmt: skip


def last_layers(policy: Policy, prompts: int) -> None:
    task = catalog.load("tasks", "chain")()
    drawn = sample(policy, task, task.problems(0, prompts), samples=8, max_new_tokens=80,
                   temperature=1.0, seed=0)  # fmt: skip
    drawn = measure(policy, drawn)
    weights = catalog.run(catalog.load("aggregations", "token_mean"), drawn)
    credits = {n: catalog.run(catalog.load("estimators", n), drawn) for n in COMPARED}
    pushes = gradients.pushes(drawn, credits, weights)
    late = {f"{name}.weight" for name in tail.tail_layers(policy)}
    here = [name in late for name in parameters_of(policy)]
    print(f"\nnoise scale in prompts, {prompts} prompts x 8 completions, exact")
    print(f"{'':16}{'all layers':>12}{'the last':>12}{'ratio':>8}   snr of both, 95 %")
    for name, push in pushes.items():
        rows = gradients.group_gradients(policy, drawn, {name: push})[name]
        some = [row for row, kept in zip(rows, here, strict=True) if kept]
        a, b = (noise(gradients.products(r, r), "exact") for r in (rows, some))
        both = ", ".join(f"{one.snr:.2f} ({one.low:.2f} to {one.high:.2f})" for one in (a, b))
        ratio = b.noise_scale / a.noise_scale
        print(f"{name:16}{a.noise_scale:12.1f}{b.noise_scale:12.1f}{ratio:8.2f}   {both}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prompts", type=int, default=4)
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=1000)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--chain", type=int, default=128, help="prompts for the tail's noise scale")
    options = parser.parse_args()
    torch.set_num_threads(1)
    policy = load(device="cpu")
    batch = long(policy, options.prompts, options.samples, options.tokens)
    moves(policy, batch, options.width)
    last_layers(policy, options.chain)


if __name__ == "__main__":
    main()
