"""`explorer truth`: what it prints, what it leaves, and what it refuses."""

import json
import shutil

import pytest

from explorer.runs import create, open_run
from explorer.types import Rollouts


@pytest.fixture
def copy(trained, tmp_path):
    """The trained run, to write in."""
    return shutil.copytree(trained, tmp_path / "copy")


def test_values_stand_in_the_rollouts(explorer, copy):
    words = ("truth", copy, "--step", 1, "--at", "blocks", "-n", 4)
    code, out, error = explorer(*words, "--json")
    rows = json.loads(out)
    assert code == 0 and "truth" in error
    assert rows[0]["scope"] == "all" and rows[0]["updates"] == 0
    assert rows[0]["continuations"] == 4 * rows[0]["states"]
    found = open_run(copy).rollouts(1)
    assert found.mc_values is not None and found.mc_block_sem is not None


def test_the_last_step_is_by_the_policy_an_update_later(explorer, copy):
    _, out, _ = explorer("truth", copy, "--at", "steps", "-n", 2, "--json")
    assert {(row["step"], row["updates"]) for row in json.loads(out)} == {(2, 2)}


def test_a_setting_goes_to_the_segmenter(explorer, refused, copy):
    words = ("truth", copy, "--step", 1, "--segmenter", "fixed", "-n", 2, "--json")
    few = json.loads(explorer(*words, "--length", 20)[1])[0]["states"]
    many = json.loads(explorer(*words, "--length", 4)[1])[0]["states"]
    assert few < many
    assert refused(*words, "--lenght", 4).endswith("did you mean --length?")


def test_known_values_need_force(explorer, refused, copy):
    words = ("truth", copy, "--step", 1, "--at", "blocks", "-n", 2)
    assert explorer(*words)[0] == 0
    assert "measure them anew with --force" in refused(*words)
    assert explorer(*words, "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("-n 1", "-n must be 2 or more, or there is no standard error; got 1"),
        ("--target -1", "--target must be 0 or more rewards; got -1.0"),
        ("--at words", "at must be tokens, segments, blocks, steps or a list; got 'words'"),
        ("--segmenter whol", "segmenters has no 'whol'; did you mean whole?"),
        ("--engine none", "engines has no 'none'; "),
        ("--step 9", "holds no rollouts of step 9; the nearest are 1, 2"),
        ("--policy missing", "there is no model folder missing; "),
        ("--device cuda:99", "device cuda:99 needs a GPU, and "),
    ],
)
def test_what_does_not_exist_gets_a_sentence(refused, trained, words, sentence):
    assert sentence in refused("truth", trained, *words.split())


def test_a_run_of_another_trainer_can_not_be_judged(refused, tmp_path):
    run = create(tmp_path / "run", {})
    run.write(1, Rollouts.from_lists(tokens=[[1], [2]], rewards=[1.0, 0.0], group=[0, 1]))
    sentence = refused("truth", run.folder)
    assert sentence == (
        f"{run.folder} was not made by explorer train, so no task can judge its prompts again"
    )


def test_values_can_not_be_kept(refused, copy):
    (copy / "truth").write_text("in the way")
    assert "cannot be used" in refused("truth", copy, "--step", 1, "-n", 2, "--at", "blocks")


def test_a_page(explorer, refused, copy, tmp_path):
    words = ("truth", copy, "--step", 1, "--at", "blocks", "-n", 2, "--html")
    assert "there is no folder" in refused(*words, tmp_path / "deep" / "out.html")
    assert open_run(copy).rollouts(1).mc_values is None  # nothing was measured in vain
    assert explorer(*words, tmp_path / "out.html")[0] == 0
    assert "True values of copy, step 1" in (tmp_path / "out.html").read_text(encoding="utf-8")
