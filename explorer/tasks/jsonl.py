"""Questions and answers from a file, for any language model; answers are compared by mathematics.

One JSON object a line with `question` and `answer`, as in GSM8K (`... #### 18` is read too). The
format with tags is that of Pavlenko et al. 2026, arXiv:2602.10231.
"""

import json
import math
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from explorer import answers, confidence
from explorer.knobs import Slider
from explorer.task import Judgement, Problem, Task

SHIPPED = Path(__file__).parents[1] / "assets" / "word_problems.jsonl"

_ASK = {
    "tags": (
        "{}\n\nThink inside <reasoning></reasoning> and give only the final answer inside "
        "<answer></answer>. Then say inside <analysis></analysis> what could be wrong with it, and "
        "inside <confidence></confidence> how probable it is that the answer is right, as a number "
        "from 0 to 1."
    ),
    "boxed": "{}\n\nThink step by step and put the final answer into \\boxed{{}}.",
}


def jsonl(
    *,
    path: str = "",
    form: Literal["tags", "boxed"] = "tags",
    calibration: Literal["brier", "bce"] = "brier",
    clip: Annotated[float, Slider(0.001, 0.1, 0.001, at_least=1e-6, at_most=0.5)] = 0.01,
    unparsed: Annotated[float, Slider(-5.0, 0.0, 0.5, at_most=0.0)] = -1.0,
) -> Task:
    """Your own questions; 1 for the right answer, and with tags for a calibrated confidence too.

    With tags, blocks, outcomes and rewards are those of `chain`; without, a completion is one block
    and its answer is what is boxed last, else its last number. A batch repeats no question before
    all were asked. Steps are not judged.

    Args:
        path: a JSON-lines file; empty takes the fifty word problems that ship.
        form: tags asks for an answer and a confidence, boxed for an answer alone.
        calibration: brier is bounded, bce punishes a sure mistake without bound but for `clip`.
        clip: bce takes q in [clip, 1 - clip]; small ones make a sure mistake cost more.
        unparsed: reward of a confidence that is no number in [0, 1]; 0 makes silence the best bet.

    Raises:
        ValueError: a file that is missing or empty, or a line that is no question with an answer.
    """
    known = _read(Path(path) if path else SHIPPED, _ASK[form])

    def problems(seed: int, n: int) -> list[Problem]:
        dice = Random(seed)
        rounds = (dice.sample(known, len(known)) for _ in range(math.ceil(n / len(known))))
        return [problem for one in rounds for problem in one][:n]

    def gold(problem: Problem) -> str:
        if form == "boxed":
            return f"\\boxed{{{problem.answer}}}"
        return (
            f"<reasoning></reasoning><answer>{problem.answer}</answer>"
            "<analysis></analysis><confidence>1.0</confidence>"
        )

    def tagged(problem: Problem, text: str) -> Judgement:
        close = text.find("</answer>")
        end = close + len("</answer>") if close >= 0 else len(text)
        opening = text.find("<answer>", 0, max(close, 0))
        inside = text[opening + len("<answer>") : close] if opening >= 0 else ""
        correct = answers.same(inside, problem.answer)
        sure = confidence.stated(text, end)
        second = confidence.earned(sure, correct, rule=calibration, clip=clip, unparsed=unparsed)
        return Judgement(
            reward=correct + second,
            block_starts=(0, end),
            block_rewards=(float(correct), second if close >= 0 else math.nan),
            outcomes=(0, int(correct)),
            step_ends=(),
            step_rewards=(),
            correct=correct,
            confidence=sure,
        )

    def boxed(problem: Problem, text: str) -> Judgement:
        answer = answers.final(text)
        correct = answer is not None and answers.same(answer, problem.answer)
        return Judgement(float(correct), (), (), (), (), (), correct)

    return Task(
        name="jsonl",
        blocks=("solution", "confidence") if form == "tags" else (),
        outcomes=("wrong", "right") if form == "tags" else (),
        parts=(),
        problems=problems,
        gold=gold,
        judge=tagged if form == "tags" else boxed,
    )


def _read(path: Path, ask: str) -> list[Problem]:
    if not path.is_file():
        raise ValueError(f"there is no file {path}; give one with a question and an answer a line")
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    found = [_problem(path, i, line, ask) for i, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise ValueError(f"{path} is empty; give a file with a question and an answer a line")
    return found


def _problem(path: Path, number: int, line: str, ask: str) -> Problem:
    try:
        row = json.loads(line)
        question, answer = row["question"], str(row["answer"]).rpartition("####")[2].strip()
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"line {number} of {path} is no JSON object with `question` and `answer`: {line[:60]}"
        ) from error
    if not isinstance(question, str) or not answer:
        raise ValueError(f"line {number} of {path} has no question or no answer: {line[:60]}")
    return Problem(ask.format(question), answer)
