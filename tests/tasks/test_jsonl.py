"""Questions from a file: reading it, judging both forms."""

import json
import math

import pytest

from explorer.tasks.jsonl import SHIPPED, jsonl

pytest.importorskip("math_verify")


@pytest.fixture
def path(tmp_path):
    def write(*lines) -> str:
        file = tmp_path / "questions.jsonl"
        file.write_text("\n".join(lines), encoding="utf-8")
        return str(file)

    return write


def row(answer, question="How many?") -> str:
    return json.dumps({"question": question, "answer": answer})


def test_the_answer_may_be_a_number_or_a_worked_solution(path):
    task = jsonl(path=path(row(18), "", row("2*9=<<2*9=18>>18\n#### 18")))
    assert [problem.answer for problem in task.problems(0, 2)] == ["18", "18"]


def test_a_question_keeps_its_braces(path):
    (problem,) = jsonl(path=path(row(1, "Is {x} in {1}?"))).problems(0, 1)
    assert problem.prompt.startswith("Is {x} in {1}?\n\n")


def test_every_question_is_asked_before_one_is_repeated():
    problems = jsonl().problems(1, 120)
    assert len({problem.prompt for problem in problems[:50]}) == 50
    assert len(set(problems[50:100])) == 50
    assert problems[:50] != problems[50:100]


@pytest.mark.parametrize(
    ("answer", "sure", "rewards"),
    [
        ("18", 0.75, (1.0, -0.0625)),
        ("\\frac{36}{2}", 0.5, (1.0, -0.25)),
        ("18 apples", 1.0, (1.0, 0.0)),
        ("17", 0.5, (0.0, -0.25)),
        ("", 0.0, (0.0, 0.0)),
    ],
)
def test_tags(path, answer, sure, rewards):
    task = jsonl(path=path(row(18)))
    (problem,) = task.problems(0, 1)
    solution = f"<reasoning>…</reasoning>\n<answer>{answer}</answer>"
    found = task.judge(problem, f"{solution}\n<confidence>{sure}</confidence>")
    assert found.block_rewards == rewards
    assert found.reward == sum(rewards)
    assert found.block_starts == (0, len(solution))
    assert found.outcomes == (0, int(rewards[0]))


def test_without_a_closed_answer_there_is_no_second_block(path):
    task = jsonl(path=path(row(18)))
    found = task.judge(task.problems(0, 1)[0], "<answer>18")
    assert found.block_rewards[0] == 0.0
    assert math.isnan(found.block_rewards[1])
    assert found.reward == -1.0


@pytest.mark.parametrize(
    ("text", "reward"),
    [("2*9 is 18.", 1.0), ("18, no: \\boxed{17}", 0.0), ("\\boxed{18}, not 17", 1.0), ("", 0.0)],
)
def test_boxed(path, text, reward):
    task = jsonl(path=path(row(18)), form="boxed")
    found = task.judge(task.problems(0, 1)[0], text)
    assert found.reward == reward
    assert found.block_rewards == ()


@pytest.mark.parametrize("line", ["18", "{", '{"question": "?"}', row(""), row("####"), "[]"])
def test_a_line_that_can_not_be_read_is_named(path, line):
    with pytest.raises(ValueError, match=r"line 2 of .*questions\.jsonl"):
        jsonl(path=path(row(18), line))


def test_a_file_that_is_missing_or_empty_is_named(path, tmp_path):
    with pytest.raises(ValueError, match=r"there is no file .*nowhere"):
        jsonl(path=str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="is empty"):
        jsonl(path=path(""))


def test_the_shipped_problems_are_worked_right():
    rows = [json.loads(line) for line in SHIPPED.read_text().splitlines()]
    assert len({row["question"] for row in rows}) == 50
    for row in rows:
        assert str(eval(row["working"])) == row["answer"]
