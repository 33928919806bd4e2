"""`explorer export`: a page, a table or arrays of one step."""

import base64
import csv
import dataclasses
import gzip
import json
import re
import shutil

import numpy as np
import pytest
import torch

from explorer import catalog, parquet
from explorer.runs import open_run
from explorer.view import wire


def unpacked(path):
    text = re.search(r'id="payload">([^<]*)<', path.read_text(encoding="utf-8"))
    assert text
    return wire.unpack(gzip.decompress(base64.b64decode(text[1])))


def test_a_page_of_one_prompt(explorer, trained, tmp_path):
    out = tmp_path / "out.html"
    words = ("--step", 1, "--group", 1, "--estimators", "grpo:eps=1,grpo,bae", "--json")
    code, text, _ = explorer("export", trained, out, *words)
    (row,) = json.loads(text)
    assert code == 0 and (row["completions"], row["estimators"], row["step"]) == (3, 3, 1)
    title = f"{trained.name}, step 1, prompt 1: completions 4 to 6 of 6"
    assert f"<h1>{title}</h1>" in out.read_text(encoding="utf-8")
    page = unpacked(out)
    assert [e["name"] for e in page["estimators"]] == ["grpo:eps=1", "grpo", "bae"]
    assert (page["step"], page["focus"]) == (1, ["grpo:eps=1", "grpo"])
    assert page["groups"] == [1]
    assert page["names"]["blocks"] == ["solution", "confidence"]
    assert "Blockwise" in page["estimators"][2]["note"]


def test_advantages_of_one_prompt_are_those_within_the_batch(explorer, trained, tmp_path):
    words = ("--step", 1, "--group", 1, "--estimators", "reinforce_pp_baseline")
    explorer("export", trained, tmp_path / "one.npz", *words)
    rollouts = open_run(trained).rollouts(1)
    credit = catalog.run(catalog.load("estimators", "reinforce_pp_baseline"), rollouts)
    here = (rollouts.group == 1)[rollouts.sample]
    with np.load(tmp_path / "one.npz") as found:
        expected = credit.advantage[here].numpy()
        np.testing.assert_array_equal(found["advantage_reinforce_pp_baseline"], expected)


def test_a_table_of_all_that_can_be_served(explorer, trained, tmp_path):
    assert explorer("export", trained, tmp_path / "out.CSV")[0] == 0
    with (tmp_path / "out.CSV").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    assert {"grpo", "bae", "rloo", "grpo_state"} <= set(head) and "gae" not in head
    assert len(lines) == len(open_run(trained).rollouts(2).tokens)
    assert {line[1] for line in lines} == {"0", "1"}


def test_one_prompt_keeps_its_number_in_every_file(explorer, trained, tmp_path):
    words = ("--step", 1, "--group", 1, "--estimators", "grpo")
    for kind in ("csv", "npz"):
        assert explorer("export", trained, tmp_path / f"one.{kind}", *words)[0] == 0
    with (tmp_path / "one.csv").open(encoding="utf-8", newline="") as file:
        _, *lines = csv.reader(file)
    assert [line[0] for line in lines][:: len(lines) - 1] == ["1", "3"]
    assert {line[1] for line in lines} == {"1"}
    with np.load(tmp_path / "one.npz") as found:
        assert found["group"].tolist() == [1, 1, 1]
        assert found["masked_grpo"].shape == found["advantage_grpo"].shape


def test_what_was_not_measured_is_no_fault_of_the_estimator(explorer, trained, tmp_path):
    """The file says which of the two a token without a number is."""
    folder = tmp_path / "run"
    shutil.copytree(trained, folder)
    (part,) = (folder / "rollouts" / "step=000001").iterdir()
    rollouts = open_run(trained).rollouts(1)
    values = torch.zeros(len(rollouts.tokens))
    values[1] = torch.nan
    parquet.write(part, dataclasses.replace(rollouts, values=values))
    words = ("--step", 1, "--estimators", "gae:lam=1")
    assert explorer("export", folder, tmp_path / "out.csv", *words)[0] == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        _, *lines = csv.reader(file)
    assert [line[-1] for line in lines[:3]] == ["not measured", "not measured", ""]
    assert [line[-2] == "" for line in lines[:3]] == [True, True, False]


def test_what_stands_there_is_replaced_only_by_a_whole_file(refused, trained, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert "no group 9" in refused("export", trained, out, "--group", 9, "--force")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text() == "mine"


def test_nothing_is_overwritten_without_force(explorer, refused, trained, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    words = ("export", trained, out, "--estimators", "grpo")
    assert refused(*words) == f"{out} exists; choose another name, or replace it with --force"
    assert out.read_text() == "mine"
    assert explorer(*words, "--force")[0] == 0
    assert out.read_text() != "mine"


@pytest.mark.parametrize(
    ("name", "words", "sentence"),
    [
        ("out.txt", "", "out.txt must end in .html or .csv or .npz, which says what is written"),
        ("out.png", "", "export out.html, open it, and press PNG in its menu \u22ef"),
        ("", "", " is a folder; name a file in it"),
        ("", "--force", " is a folder; name a file in it"),
        ("deep/out.csv", "", "deep to write out.csv in"),
        ("out.csv", "--group -1", "there is no group -1; the rollouts have groups 0 to 1"),
        ("out.csv", "--group 2", "there is no group 2; the rollouts have groups 0 to 1"),
        ("out.csv", "--step 5", "holds no rollouts of step 5; the nearest are 1, 2"),
        ("out.csv", "--estimators gae", "gae reads 'values', which these rollouts lack; "),
    ],
)
def test_what_does_not_exist_gets_a_sentence(refused, trained, tmp_path, name, words, sentence):
    assert sentence in refused("export", trained, tmp_path / name, *words.split())
    assert not list(tmp_path.iterdir())
