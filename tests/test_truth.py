"""Values against their exact expectations, on a policy small enough to enumerate."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import test_walk
import tiny
import torch
from torch.testing import assert_close

from explorer import continuations, truth
from explorer.positions import Prefix
from explorer.task import Judgement, Problem, Task, World
from explorer.types import Rollouts

POLICY = test_walk.POLICY
WORDS = {f"w{i}": i for i in range(tiny.WORDS)}


def worth(text: str) -> tuple[float, float]:
    """Two rewards of a completion: its even words, and whether it has w7."""
    words = [int(w) for w in text.split("w") if w]
    return sum(w % 2 == 0 for w in words) / 4, float(7 in words)


def judge(problem: Problem, text: str) -> Judgement:
    first, second = worth(text)
    return Judgement(
        reward=first + second,
        block_starts=(0, 0),
        block_rewards=(first, second),
        outcomes=(0, 0),
        step_ends=(),
        step_rewards=(),
        correct=False,
    )


def problems(seed: int, n: int) -> list[Problem]:
    return [Problem("p", "a")] * n


TASK = Task("even", ("even", "seven"), ("", ""), (), problems, lambda problem: "", judge)


def batch() -> Rollouts:
    return Rollouts.from_lists(
        tokens=test_walk.COMPLETIONS,
        rewards=[0.0, 0.0, 0.0],
        group=[0, 0, 1],
        prompts=["p", "p"],
        answers=["a", "a"],
        prompt_tokens=test_walk.PROMPTS,
    )


def exact(prefix: Prefix) -> torch.Tensor:
    """Expected reward, and that of each block, after the prefix."""
    rows = []
    for tokens, p in test_walk.chances(prefix).items():
        own = tokens[:-1] if tokens[-1] == test_walk.END else tokens
        first, second = worth("".join(f"w{t}" for t in own))
        rows.append([p * (first + second), p * first, p * second])
    return torch.tensor(rows).sum(0)


def test_values_are_the_exact_expectations():
    n = 2000
    found = truth.measure(POLICY, TASK, batch(), "tokens", n=n, max_new_tokens=3)
    drawn = truth.plan(batch(), "tokens", n=n)
    scores = []
    for t, k in enumerate(drawn.index.tolist()):
        mean = torch.cat([found.mc_values[t, None], found.mc_block_values[t]])
        sem = torch.cat([found.mc_sem[t, None], found.mc_block_sem[t]])
        scores.append((mean - exact(drawn.prefixes[k])) / sem)
    z = torch.stack(scores)
    sure = z.isnan() | z.isinf()  # a reward that is certain has no spread: [7] holds w7
    assert sure.sum() == 2
    assert (found.mc_block_values[-2:, 1] == 1).all()
    z = z[~sure]
    assert z.abs().max() < 4
    assert 0.5 < z.square().mean() < 1.6
    assert_close(found.mc_block_values.sum(1), found.mc_values)


def test_what_was_not_asked_for_is_not_measured():
    found = truth.measure(POLICY, TASK, batch(), [1], n=4, max_new_tokens=3)
    assert found.mc_values.isnan().tolist() == [False, False, True] * 3
    assert found.mc_values[0] == found.mc_values[3]  # one state, measured once
    assert found.mc_values[0] != found.mc_values[6]


def test_the_same_seed_gives_the_same_values():
    once, again, other = (
        truth.measure(POLICY, TASK, batch(), "tokens", n=8, max_new_tokens=3, seed=s)
        for s in (1, 1, 2)
    )
    assert_close(once.mc_values, again.mc_values, rtol=0, atol=0)
    assert (once.mc_values != other.mc_values).any()


def test_a_state_is_left_when_it_is_known_well_enough():
    drawn = truth.plan(batch(), "tokens", n=4000)
    rows = list(truth.run(POLICY, TASK, batch(), drawn, target=0.04, max_new_tokens=3))
    states = [state for row in rows for state in row["states"]]
    for state in states:
        assert state["n"] < 4000
        assert state["sem"][0] < 0.04
        assert state["n"] % 8 == 0
    assert len({state["n"] for state in states}) > 2
    assert sum(row["continuations"] for row in rows) == sum(state["n"] for state in states)


def test_a_walk_and_an_engine_agree():
    places = truth.plan(batch(), "tokens", n=1).prefixes
    rewards = continuations.judging(POLICY, TASK, batch())
    settings = {"max_new_tokens": 3, "temperature": 0.7}
    both = [
        continuations.walking(POLICY, batch(), **settings),
        continuations.asking("transformers", POLICY, batch(), **settings),
    ]
    found = [
        continuations.values(places, go_on, rewards, n=1000, target=0.0, seed=str(k))
        for k, go_on in enumerate(both)
    ]
    for a, b in zip(*found, strict=True):
        for mean, other, s, t in zip(a["mean"], b["mean"], a["sem"], b["sem"], strict=True):
            assert abs(mean - other) <= 4 * (s**2 + t**2) ** 0.5


def test_chunks_are_bounded_and_change_nothing_but_the_draws(monkeypatch):
    monkeypatch.setattr(truth, "AT_ONCE", 64)
    drawn = truth.plan(batch(), "tokens", n=32)
    assert [len(chunk) for chunk in drawn.chunks] == [2, 2, 2, 1]
    rows = list(truth.run(POLICY, TASK, batch(), drawn, max_new_tokens=3))
    assert [row["step"] for row in rows] == list(range(1, len(drawn.chunks) + 1))
    assert rows[-1]["eta"] == 0
    assert rows[0]["steps"] == len(drawn.chunks)
    assert truth.fill(batch(), drawn, rows).mc_values.isfinite().all()
    part = truth.fill(batch(), drawn, rows[:1])  # what is known so far can be looked at
    assert 0 < part.mc_values.isnan().sum() < 9


def test_a_journal_saves_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(truth, "AT_ONCE", 64)
    path = tmp_path / "truth.jsonl"
    drawn = truth.plan(batch(), "tokens", n=32)
    whole = list(truth.run(POLICY, TASK, batch(), drawn, max_new_tokens=3))
    steps = truth.run(POLICY, TASK, batch(), drawn, max_new_tokens=3, journal=path)
    begun = [next(steps), next(steps)]
    steps.close()
    resumed = list(truth.run(POLICY, TASK, batch(), drawn, max_new_tokens=3, journal=path))
    assert resumed[:2] == begun
    assert [row["states"] for row in resumed] == [row["states"] for row in whole]
    with pytest.raises(ValueError, match="begun with another seed"):
        list(truth.run(POLICY, TASK, batch(), drawn, max_new_tokens=3, journal=path, seed=1))


KILLED = """
import sys; sys.path.insert(0, "tests")
from pathlib import Path
import test_truth
from explorer import truth
truth.AT_ONCE = 256
drawn = truth.plan(test_truth.batch(), "tokens", n=256)
for row in truth.run(test_truth.POLICY, test_truth.TASK, test_truth.batch(), drawn,
                     max_new_tokens=3, journal=Path(sys.argv[1])):
    print(row["step"], flush=True)
"""


@pytest.mark.slow
def test_a_kill_loses_one_chunk_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(truth, "AT_ONCE", 256)
    path = tmp_path / "truth.jsonl"
    root = Path(__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    done = len([line for line in told if line.strip()])
    rows = path.read_text().splitlines()[1:]
    assert done >= 3
    assert len(rows) in (done, done + 1)  # the last may be written and not yet told
    drawn = truth.plan(batch(), "tokens", n=256)
    rest = list(truth.run(POLICY, TASK, batch(), drawn, max_new_tokens=3, journal=path))
    assert len(rest) == len(drawn.chunks)


def test_what_is_needed_is_said():
    bare = dataclasses.replace(batch(), answers=None)
    with pytest.raises(ValueError, match="right answer"):
        truth.measure(POLICY, TASK, bare, "tokens")
    bare = dataclasses.replace(batch(), prompt_tokens=None)
    with pytest.raises(ValueError, match="record prompt_tokens"):
        truth.measure(POLICY, TASK, bare, "tokens")


def test_a_world_that_replies_is_refused():
    answering = dataclasses.replace(TASK, world=World(2, lambda problem, text: None, lambda _: []))
    with pytest.raises(ValueError, match="where its world replies"):
        truth.measure(POLICY, answering, batch(), "tokens")
