"""`explorer variance`: tiers, the table that it keeps, and directions beside a reference."""

import json
import shutil

import pytest

from explorer import scorefile
from explorer.runs import create, open_run
from explorer.types import Rollouts


@pytest.fixture
def copy(trained, tmp_path):
    """The trained run, to write in."""
    return shutil.copytree(trained, tmp_path / "copy")


def rows(explorer, *words):
    code, out, _ = explorer("variance", *words, "--json")
    assert code == 0
    return json.loads(out)


def test_estimators_are_compared_on_the_same_rollouts(explorer, trained):
    found = rows(explorer, trained, "--step", 1, "--estimators", "rloo,grpo")
    assert [(row["estimator"], row["tier"]) for row in found] == [
        ("rloo", "logit"),
        ("grpo", "logit"),
        ("rloo", "exact"),
        ("grpo", "exact"),
    ]
    assert [row["updates"] for row in found] == [None, None, 0, 0]
    assert all(row["variance"] >= 0 and row["step"] == 1 for row in found)


def test_a_score_table_is_kept_and_read(explorer, copy):
    words = (copy, "--step", 1, "--estimators", "grpo", "--tier", "sketch")
    first = rows(explorer, *words, "--width", 64)
    path = scorefile.path_of(copy, 1)
    assert scorefile.read(path).shape[1] == 64
    shutil.rmtree(copy / "checkpoints")  # from here on no policy is needed
    config = json.loads((copy / "run.json").read_text())
    config["config"]["policy"] = str(copy / "gone")
    (copy / "run.json").write_text(json.dumps(config))
    assert rows(explorer, *words) == first
    assert [row["tier"] for row in rows(explorer, *words, "--tier", "logit")] == ["sketch", "logit"]


def test_a_table_that_is_not_the_one_asked_for(explorer, refused, copy):
    words = ("variance", copy, "--step", 1, "--tier", "sketch", "--estimators", "grpo")
    rows(explorer, *words[1:], "--width", 32)
    path = scorefile.path_of(copy, 1)
    end = "; replace it with --force"
    assert refused(*words, "--width", 64) == f"the score table {path} is 32 wide{end}"
    assert refused(*words, "--policy", copy) == f"the score table {path} is of another policy{end}"
    open_run(copy).write(1, open_run(copy).rollouts(2))
    assert refused(*words) == f"the score table {path} is of other rollouts{end}"
    assert rows(explorer, *words[1:], "--force")
    path.write_bytes(b"half a table")
    assert refused(*words).startswith(f"{path} is not a score table")


def test_the_error_chooses_the_width(explorer, copy):
    words = (copy, "--step", 1, "--estimators", "grpo", "--tier", "sketch")
    rows(explorer, *words, "--error", 0.25)
    assert scorefile.read(scorefile.path_of(copy, 1)).shape[1] == 32  # 2 / 0.25^2


def test_the_tail_is_not_kept(explorer, copy):
    words = (copy, "--step", 1, "--estimators", "grpo", "--tier", "tail", "--width", 32)
    assert [row["tier"] for row in rows(explorer, *words)] == ["tail"]
    assert not (copy / "scores").exists()


def test_directions_beside_a_reference(explorer, trained):
    words = (trained, "--step", 1, "--estimators", "grpo", "--reference", "rloo")
    logit, _, grpo, rloo = rows(explorer, *words)
    assert logit["cosine"] is None
    assert rloo["cosine"] in (None, pytest.approx(1.0))  # None: these two prompts show no signal
    assert {"cosine_low", "cosine_high", "snr_ratio"} <= grpo.keys()
    _, out, _ = explorer("variance", *words)
    assert "cosine" in out and "cosine_low" not in out  # ± says it


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--tier exakt", "there is no tier 'exakt'; there are logit, sketch, tail, exact"),
        ("--tier sketch --width 0", "a score table needs at least 1 bucket; got 0"),
        ("--error 0", "the relative error must be positive; got 0.0"),
        ("--width 8 --error 0.5", "--width and --error say the same; leave out one of them"),
        ("--reference rlo", "estimators has no 'rlo'; did you mean rloo?"),
        ("--step 99", "holds no rollouts of step 99; the nearest are 1, 2"),
    ],
)
def test_what_does_not_exist_gets_a_sentence(refused, trained, words, sentence):
    assert refused("variance", trained, *words.split()).endswith(sentence)


def test_a_true_reference_needs_true_values(refused, trained):
    sentence = refused("variance", trained, "--reference", "true_advantage")
    assert sentence.startswith("true_advantage reads 'mc_values', which these rollouts lack")


def test_a_step_without_a_policy_names_those_that_have_one(refused, tmp_path):
    run = create(tmp_path / "run", {"estimator": "grpo", "config": {"aggregation": "token_mean"}})
    batch = Rollouts.from_lists(tokens=[[1], [2]], rewards=[1.0, 0.0], group=[0, 1])
    run.write(1, batch)
    run.write(5, batch)
    sentence = refused("variance", run.folder, "--tier", "exact", "--step", 5)
    assert sentence == "no checkpoint for step 5, only for step 1; name a policy with --policy"


def test_a_run_of_another_trainer_has_no_policy(refused, tmp_path):
    run = create(tmp_path / "run", {"estimator": "grpo"})
    run.write(1, Rollouts.from_lists(tokens=[[1], [2]], rewards=[1.0, 0.0], group=[0, 1]))
    sentence = refused("variance", run.folder, "--tier", "exact")
    assert sentence == "no checkpoint for step 1, nor for any other; name a policy with --policy"


def test_a_page(explorer, trained, tmp_path):
    words = (trained, "--step", 1, "--html", tmp_path / "out.html")
    assert explorer("variance", *words, "--reference", "rloo")[0] == 0
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Noise of the gradient: tiny, step 1" in text and "cosine" in text
