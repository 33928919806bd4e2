"""How long does the truth take, beside one call of generate for each prefix?

    python benchmarks/truth.py [--at steps] [--samples 8] [--n 32] [--repeats 3]

One prompt of chain arithmetic, its completions by the shipped policy, the state at the start of
every segment. Peers, in the same run: `generate`, transformers' own, and `engine`, this package's
sampler, each called once for every segment start with n continuations. `engine, all at once` is one
call with all distinct prefixes. All judge what they sampled. Medians over prompts.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import torch

from explorer import catalog, truth
from explorer.continuations import Continue, asking, judging, values, walking
from explorer.policy import Policy, load
from explorer.positions import Prefix
from explorer.rollouts import sample
from explorer.task import Task
from explorer.types import Completion, Rollouts
from explorer.walk import Ending

LONGEST = 80  # tokens of a completion


def generating(policy: Policy, rollouts: Rollouts) -> Continue:
    split = torch.bincount(rollouts.sample).tolist()
    completions = [ids.tolist() for ids in rollouts.tokens.split(split)]
    assert rollouts.prompt_tokens is not None
    prompts = rollouts.prompt_tokens

    def go_on(prefixes: Sequence[Prefix], times: int, seed: int) -> list[Ending]:
        (prefix,) = prefixes
        head = completions[prefix.sample][: prefix.length]
        ids = torch.tensor([prompts[prefix.group] + head])
        torch.manual_seed(seed)
        out = policy.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            top_k=0,
            num_return_sequences=times,
            max_new_tokens=LONGEST - len(head),
        )
        end = policy.model.generation_config.eos_token_id
        endings = []
        for row in out[:, len(prompts[prefix.group]) :].tolist():
            finished = end in row
            tokens = row[: row.index(end) + 1] if finished else row
            endings.append(Ending(prefix.group, Completion(tokens, [], finished), {0: 1}))
        return endings

    return go_on


def ways(policy: Policy, task: Task, drawn: Rollouts, at: str, n: int) -> dict[str, Callable]:
    plan = truth.plan(drawn, at, n=n)
    every = [plan.prefixes[k] for k in plan.index.tolist() if k >= 0]
    print(f"{len(every)} segment starts, {len(plan.prefixes)} distinct states, n {n}")
    limits = {"max_new_tokens": LONGEST, "temperature": 1.0}
    walk = walking(policy, drawn, **limits)
    engine = asking("transformers", policy, drawn, **limits)

    def together(go_on: Continue) -> None:
        values(plan.prefixes, go_on, judging(policy, task, drawn), n=n, target=0.0, seed="0")

    def apart(go_on: Continue) -> None:
        rewards = judging(policy, task, drawn)
        for prefix in every:
            values([prefix], go_on, rewards, n=n, target=0.0, seed="0")

    return {
        "walk": lambda: together(walk),
        "engine, all at once": lambda: together(engine),
        "engine": lambda: apart(engine),
        "generate": lambda: apart(generating(policy, drawn)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--at", default="steps")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--n", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    policy, task = load(device="cpu"), catalog.load("tasks", "chain")()
    times: dict[str, list[float]] = {}
    for seed in range(options.repeats):
        drawn = sample(
            policy,
            task,
            task.problems(seed, 1),
            samples=options.samples,
            max_new_tokens=LONGEST,
            temperature=1.0,
            seed=seed,
        )
        for name, work in ways(policy, task, drawn, options.at, options.n).items():
            begin = time.perf_counter()
            work()
            times.setdefault(name, []).append(time.perf_counter() - begin)
    first = statistics.median(times["walk"])
    print(f"{'':22}{'seconds':>9}{'x walk':>9}")
    for name, spent in times.items():
        middle = statistics.median(spent)
        print(f"{name:22}{middle:9.2f}{middle / first:9.1f}")


if __name__ == "__main__":
    main()
