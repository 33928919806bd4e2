"""True values of a run's step: kept with it, gone on with, never lost."""

import dataclasses
import itertools

import pytest
import tiny
import torch
from arbitrary import same
from torch.testing import assert_close

from explorer import policy, runs, truth, valued
from explorer.catalog import load
from explorer.config import Config
from explorer.rollouts import sample
from explorer.valued import Wish

CHAIN = Config(max_new_tokens=24, task_settings={"terms": 2})


@pytest.fixture(scope="module")
def shipped():
    return policy.load(device="cpu")


@pytest.fixture
def run(tmp_path, shipped):
    """A run of the shipped policy whose first step has a few short completions."""
    made = runs.create(tmp_path / "run", {"config": dataclasses.asdict(CHAIN)})
    task = CHAIN.make_task()
    batch = sample(
        shipped,
        task,
        task.problems(0, 2),
        samples=2,
        max_new_tokens=24,
        temperature=1.0,
        seed=0,
    )
    made.write(1, batch)
    return made


def follow(coming, steps):
    rows = list(coming)
    assert len(rows) == steps
    return rows


def stop_after(count):
    def watch(coming, _):
        list(itertools.islice(coming, count))
        raise KeyboardInterrupt

    return watch


def measure(run, wish, watch=follow, **settings):
    return valued.measure(run, 1, wish, device="cpu", watch=watch, **settings)


def test_values_are_those_of_the_library_and_all_else_stays(run, shipped):
    before = run.rollouts(1)
    rows = measure(run, Wish(at="tokens", n=4, seed=3))
    after = run.rollouts(1)
    expected = truth.measure(
        shipped, CHAIN.make_task(), before, "tokens", n=4, seed=3, max_new_tokens=24
    )
    same(after, expected)
    assert after.mc_values.isfinite().all() and after.mc_block_values is not None
    whole = rows[0]
    assert (whole["scope"], whole["step"], whole["updates"]) == ("all", 1, 0)
    assert whole["states"] == len(truth.plan(before, "tokens", n=4).prefixes)
    assert whole["continuations"] == 4 * whole["states"]
    assert not list((run.folder / "truth").iterdir())


def test_the_rows_of_blocks_share_the_states_among_them(run):
    whole, *blocks = measure(run, Wish(at="tokens", n=4))
    assert [row["scope"] for row in blocks] == ["block 0", "block 1"][: len(blocks)]
    assert whole["block_sem"] is None
    found = run.rollouts(1)
    first = found.block == 0
    states = {found.mc_block_values[t].sum().item() for t in first.nonzero().flatten().tolist()}
    assert blocks[0]["states"] >= len(states)
    assert blocks[0]["block_sem"] >= 0


def test_known_values_are_not_measured_again(run):
    measure(run, Wish(at="blocks", n=4))
    before = run.rollouts(1)
    sentence = r"all \d+ states are known already, with a mean standard error of .*--force"
    with pytest.raises(ValueError, match=sentence):
        measure(run, Wish(at="blocks", n=8))
    same(run.rollouts(1), before)


def test_a_finer_place_keeps_what_it_does_not_measure(run):
    measure(run, Wish(at="blocks", n=4))
    before = run.rollouts(1)
    wish = Wish(at="segments", segmenter="fixed", settings=(("length", 5),), n=4, seed=9)
    measure(run, wish)
    after = run.rollouts(1)
    asked = truth.plan(before, "segments", n=4, segmenter="fixed", length=5).index >= 0
    kept = ~before.mc_values.isnan() & ~asked
    assert kept.any()
    assert_close(after.mc_values[kept], before.mc_values[kept], rtol=0, atol=0)
    assert_close(after.mc_block_sem[kept], before.mc_block_sem[kept], rtol=0, atol=0)
    assert after.mc_values[asked].isfinite().all()


def test_force_replaces_all(run):
    measure(run, Wish(at="tokens", n=4))
    measure(run, Wish(at="blocks", n=4, seed=1, force=True))
    found = run.rollouts(1)
    asked = truth.plan(found, "blocks", n=4).index >= 0
    assert torch.equal(found.mc_values.isnan(), ~asked)


def test_what_was_killed_goes_on(run, monkeypatch):
    monkeypatch.setattr(truth, "AT_ONCE", 32)
    wish = Wish(at="tokens", n=4, seed=5)
    with pytest.raises(KeyboardInterrupt):
        measure(run, wish, stop_after(2))
    assert run.rollouts(1).mc_values is None
    (journal,) = (run.folder / "truth").iterdir()
    assert len(journal.read_text().splitlines()) == 1 + 2
    drawn = []

    def counted(coming, steps):
        rows = []
        for row in coming:
            drawn.append(len(journal.read_text().splitlines()))
            rows.append(row)
        return rows

    measure(run, wish, counted)
    assert drawn[:3] == [3, 3, 4]  # two were replayed, the third was new
    measure(run, dataclasses.replace(wish, force=True))
    again = run.rollouts(1)
    with pytest.raises(KeyboardInterrupt):
        measure(run, dataclasses.replace(wish, force=True), stop_after(1))
    same(run.rollouts(1), again)


def test_a_wish_of_another_kind_has_a_journal_of_its_own(run, monkeypatch):
    monkeypatch.setattr(truth, "AT_ONCE", 32)
    for seed in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            measure(run, Wish(at="tokens", n=4, seed=seed), stop_after(1))
    assert len(list((run.folder / "truth").iterdir())) == 2
    measure(run, Wish(at="tokens", n=4, seed=1))
    assert len(list((run.folder / "truth").iterdir())) == 1


def test_what_can_not_be_measured(run, tmp_path):
    with pytest.raises(ValueError, match="-n must be 2 or more"):
        Wish(n=1)
    with pytest.raises(ValueError, match="--target must be 0 or more rewards; got nan"):
        Wish(target=float("nan"))
    with pytest.raises(ValueError, match="at must be tokens, segments, blocks, steps"):
        measure(run, Wish(at="words"))
    other = runs.create(tmp_path / "other", {})
    other.write(1, tiny.rollouts(tiny.policy()))
    with pytest.raises(ValueError, match="was not made by explorer train"):
        measure(other, Wish())


def test_a_task_with_a_world_is_refused_before_anything_is_written(tmp_path):
    made = runs.create(tmp_path / "run", {"config": {"task": "grid", "aggregation": "token_mean"}})
    task = load("tasks", "grid")()
    assert task.world is not None
    batch = dataclasses.replace(tiny.rollouts(tiny.policy()), prompts=["p"] * 4, answers=["a"] * 4)
    made.write(1, batch)
    with pytest.raises(ValueError, match="its world replies"):
        measure(made, Wish(at="tokens"))
    assert made.rollouts(1).mc_values is None
