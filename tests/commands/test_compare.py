"""`explorer compare`: rows against the true advantage."""

import json
import shutil

import pytest


@pytest.fixture(scope="module")
def valued(trained, tmp_path_factory):
    """The trained run with true values at its first step."""
    import sys

    from explorer import cli

    copy = shutil.copytree(trained, tmp_path_factory.mktemp("valued") / "run")
    words = ["explorer", "truth", str(copy), "--step", "1", "--at", "tokens", "-n", "4"]
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit, match="0"):
        patch.setattr(sys, "argv", words)
        cli.main()
    return copy


def refuse(constant):
    raise ValueError(constant)


def test_all_estimators_that_the_rollouts_serve(explorer, valued):
    code, out, _ = explorer("compare", valued, "--json")
    rows = json.loads(out, parse_constant=refuse)
    assert code == 0
    names = [row["estimator"] for row in rows]
    assert {"grpo", "bae", "true_advantage", "spo_chain"} <= set(names)
    assert "gae" not in names and "logged" not in names
    assert {row["step"] for row in rows} == {1}  # the last that has true values
    row = next(row for row in rows if row["estimator"] == "true_advantage")
    assert row["pearson"] == pytest.approx(1.0) and row["pearson_corrected"] is None


def test_scopes_blocks_and_noise(explorer, valued):
    words = ("--estimators", "grpo,grpo:eps=1", "--of", "block", "--scope", "every")
    _, out, _ = explorer("compare", valued, *words, "--tier", "logit", "--json")
    rows = json.loads(out, parse_constant=refuse)
    assert {"all", "block 0"} <= {row["scope"] for row in rows}
    assert all((row["variance"] is not None) == (row["scope"] == "all") for row in rows)


def test_people_see_a_table(explorer, valued):
    _, out, _ = explorer("compare", valued, "--estimators", "grpo,rloo")
    assert "step 1, against the true advantage by the reward" in out
    assert "±" in out and "corrected" in out and "pearson_low" not in out


def test_a_step_without_true_values_names_the_command(refused, valued, trained):
    for run, words in ((trained, ()), (valued, ("--step", 2))):
        assert refused("compare", run, *words) == (
            "step 2 has no true values to compare with; measure them: "
            f"explorer truth {run} --step 2"
        )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--scope here", "--scope must be one of all, block, stratum, decile, every; got 'here'"),
        ("--of rewards", "--of must be one of reward, block; got 'rewards'"),
        ("--estimators gea", "estimators has no 'gea'; did you mean gae?"),
        ("--estimators gae", "gae reads 'values', which these rollouts lack; "),
        ("--tier exakt", "there is no tier 'exakt'; there are logit, sketch, tail, exact"),
        ("--step 7", "holds no rollouts of step 7; the nearest are 1, 2"),
    ],
)
def test_what_does_not_exist_gets_a_sentence(refused, valued, words, sentence):
    assert sentence in refused("compare", valued, *words.split())


def test_a_page(explorer, refused, valued, tmp_path):
    out = tmp_path / "out.html"
    words = ("compare", valued, "--estimators", "grpo,bae,true_advantage", "--html", out)
    assert explorer(*words, "--tier", "exact", "--scope", "every")[0] == 0
    text = out.read_text(encoding="utf-8")
    assert "Estimators against the truth: run, step 1" in text and "±" in text
    assert text.count("<figure>") >= 4
    assert "exists; choose another name" in refused(*words)


def test_a_broken_step_is_no_hindrance_to_another(explorer, valued, tmp_path):
    copy = shutil.copytree(valued, tmp_path / "copy")
    (copy / "rollouts/step=000002/part-0.parquet").rename(tmp_path / "kept")
    step = copy / "rollouts/step=000000"
    step.mkdir()
    (step / "part-0.parquet").write_bytes(b"PAR1")
    assert explorer("compare", copy, "--estimators", "grpo")[0] == 0
