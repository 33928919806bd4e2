"""`explorer export`: a page, a table or arrays of one step."""

import base64
import csv
import gzip
import json
import re

import numpy as np
import pytest

from explorer import catalog
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
    title = f"{trained.name}, step 1, group 1: completions 4 to 6 of 6"
    assert f"<h1>{title}</h1>" in out.read_text(encoding="utf-8")
    page = unpacked(out)
    assert [e["name"] for e in page["estimators"]] == ["grpo:eps=1", "grpo", "bae"]
    assert (page["step"], page["focus"]) == (1, ["grpo:eps=1", "grpo"])
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
    assert {"grpo", "bae", "rloo"} <= set(head) and "gae" not in head
    assert len(lines) == len(open_run(trained).rollouts(2).tokens)


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
        ("out.png", "", "out.png must end in .html or .csv or .npz, which says what is written"),
        ("deep/out.csv", "", "deep to write out.csv in"),
        ("out.csv", "--group 2", "there is no group 2; the rollouts have groups 0 to 1"),
        ("out.csv", "--step 5", "holds no rollouts of step 5; the nearest are 1, 2"),
        ("out.csv", "--estimators gae", "gae reads 'values', which these rollouts lack; "),
    ],
)
def test_what_does_not_exist_gets_a_sentence(refused, trained, tmp_path, name, words, sentence):
    assert sentence in refused("export", trained, tmp_path / name, *words.split())
    assert not list(tmp_path.iterdir())
